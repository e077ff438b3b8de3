"""Addresses inside a text: which are ours, which are not, and how their tags are written."""

from __future__ import annotations

import html as _html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from ecrm_server.content.cooked import OWN_IMAGE, LinkPolicy

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_DROPPED_BY_BROWSERS = re.compile(r"[\t\n\r]")
_EDGES = "".join(map(chr, range(33)))
_MAX_ADDRESS = 4_000


def tag(name: str, attributes: Mapping[str, str]) -> str:
    """A start tag; values are escaped here."""
    written = "".join([f' {key}="{_escaped(value)}"' for key, value in attributes.items()])
    return f"<{name}{written}>"


def _escaped(value: str) -> str:
    """As the sanitiser writes attribute values, so that its work on our output changes no letter."""
    return _html.escape(value, quote=False).replace('"', "&quot;").replace("\xa0", "&nbsp;")


@dataclass(frozen=True, slots=True)
class Link:
    """An address fit for an `href`; `rel` is empty for our own pages."""

    href: str
    external: bool
    rel: str

    def tag(self, css_class: str | None = None, title: str | None = None) -> str:
        """The start tag of the link."""
        attributes = {"class": css_class, "href": self.href, "title": title, "rel": self.rel}
        return tag("a", {key: value for key, value in attributes.items() if value})


def resolve_link(address: str | None, policy: LinkPolicy, base_url: str | None = None) -> Link | None:
    """The link that a browser would follow, judged as a browser reads it; None if it must not be one."""
    if address is None or len(address) > _MAX_ADDRESS:
        return None
    href = _DROPPED_BY_BROWSERS.sub("", address).strip(_EDGES)
    if base_url is not None:
        try:
            href = urljoin(base_url, href)
        except ValueError:  # a broken IPv6 host
            return None
    if policy.rewrite is not None:
        href = policy.rewrite(href) or href
    href = _without_origin(href, policy.own_origin)
    if href[:2].replace("\\", "/") == "//":
        href = f"https://{href[2:]}"
    scheme = _SCHEME.match(href)
    if scheme is None:
        return Link(href, external=False, rel="") if href else None
    match scheme[1].lower():
        case "http" | "https":
            return Link(href, external=True, rel="noopener" if policy.follow else "nofollow ugc noopener")
        case "mailto":
            return Link(href, external=False, rel="")
    return None


def own_image(address: str, policy: LinkPolicy) -> str | None:
    """The path of one of our own pictures, or None for any other address."""
    path = _without_origin(address.strip(_EDGES), policy.own_origin)
    return path if OWN_IMAGE.fullmatch(path) else None


def host_label(link: Link | None) -> str:
    """The host name that a link leads to, or an empty text."""
    if link is None:
        return ""
    try:
        return urlsplit(link.href).hostname or ""
    except ValueError:
        return ""


def _without_origin(href: str, origin: str | None) -> str:
    if not origin or not href.lower().startswith(origin.lower()):
        return href
    path = href[len(origin) :]
    # "https://us//evil" must not become "//evil", and "https://us.evil" is not ours.
    return path if path.startswith("/") and path[1:2] not in ("/", "\\") else (href if path else "/")
