"""Code blocks with a class per token; the colours are in static/code.css (see pygments_css)."""

from __future__ import annotations

import html as _html
from functools import cache
from itertools import groupby
from typing import Any

CLASS_PREFIX = "tok-"
MAX_HIGHLIGHTED = 10_000
"""Characters; a longer block is shown without colours, so that no lexer works for long."""

_LANGUAGES = frozenset(
    """bash sh shell console c cpp c++ csharp cs c# css diff patch docker dockerfile elixir erlang go graphql
    haskell html http ini java javascript js json jsx kotlin lua make makefile markdown md nginx objective-c
    ocaml perl php postgresql powershell ps1 prolog properties protobuf python py pycon r ruby rb rust rs
    scala scheme scss sql sqlite3 swift tcl toml tsx typescript ts vim xml yaml yml zig""".split()  # noqa: SIM905 (a list of words, read as one)
)
_HEAD = '<pre class="code" tabindex="0"><code'


def highlight(source: str, language: str | None) -> str:
    """The block as `<pre><code>`; the language stays as a class, tokens get one each where it is known."""
    name = (language or "").lower()
    if not name:
        return f"{_HEAD}>{_html.escape(source, quote=False)}</code></pre>"
    head = f'{_HEAD} class="language-{_html.escape(name)}">'
    if name not in _LANGUAGES or len(source) > MAX_HIGHLIGHTED:
        return f"{head}{_html.escape(source, quote=False)}</code></pre>"
    return f"{head}{''.join(_spans(source, name))}</code></pre>"


def _spans(source: str, language: str) -> list[str]:
    lexer, classes = _lexer(language), _token_classes()
    parts: list[str] = []
    for css_class, tokens in groupby(lexer.get_tokens(source), lambda token: classes.get(token[0]) or ""):
        escaped = _html.escape("".join([value for _, value in tokens]), quote=False)
        parts.append(f'<span class="{CLASS_PREFIX}{css_class}">{escaped}</span>' if css_class else escaped)
    return parts


@cache
def _lexer(language: str) -> Any:
    # Pygments is loaded with the first coloured block: most processes never need it.
    from pygments.lexers import get_lexer_by_name

    return get_lexer_by_name(language, stripnl=False, ensurenl=False)


def plain_tokens() -> set[Any]:
    """Kinds that keep the text's colour: a span for each of them would double the page."""
    from pygments.token import Token

    return {Token, Token.Text, Token.Text.Whitespace, Token.Name, Token.Punctuation}


@cache
def _token_classes() -> dict[Any, str]:
    from pygments.token import STANDARD_TYPES

    plain = plain_tokens()
    return {kind: short for kind, short in STANDARD_TYPES.items() if short and kind not in plain}
