"""Imported HTML: made safe and given the form of our own posts, and turned into Markdown to be edited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ecrm_server.content.clean import clean
from ecrm_server.content.cooked import MAX_SOURCE, Cooked, LinkPolicy, TooDeepError
from ecrm_server.content.markdown import cook
from ecrm_server.content.rewrite import rewrite as _rewrite
from ecrm_server.content.text import plain
from ecrm_server.content.to_markdown import html_block, write_markdown

_DEFAULT_POLICY = LinkPolicy()


def sanitize(
    html: str,
    *,
    base_url: str | None = None,
    rewrite: Callable[[str], str | None] | None = None,
    link_policy: LinkPolicy = _DEFAULT_POLICY,
) -> Cooked:
    """The safe part of foreign HTML; never raises.

    `base_url` is where it was published: relative links and pictures point there. `rewrite` gets each
    absolute address and returns ours, or None to keep it. Names after an @ are not linked: they are another
    site's. HTML that is too long or nested too deeply is shown as plain text.
    """
    policy = replace(link_policy, rewrite=rewrite) if rewrite is not None else link_policy
    if len(html) > MAX_SOURCE:
        return plain(html)
    try:
        return _rewrite(clean(html), policy=policy, base_url=base_url)
    except TooDeepError:
        return plain(html)


def to_markdown(html: str) -> str:
    """Markdown for editing what `sanitize` returned; cooked again it says the same words.

    What Markdown has no form for stays as HTML, and so does the whole text in the rare case that Markdown
    would change its words.
    """
    markdown = write_markdown(html)
    return markdown if cook(markdown).text == sanitize(html).text else html_block(html)
