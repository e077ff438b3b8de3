"""The site a dump comes from: its address, the addresses of its posts, and links to them in texts."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ecrm_server.api import Refusal, slugify
from ecrm_server.api import import_toolkit as tk

from .dump import Dump
from .plan import Plan

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
_LINK = re.compile(r"https?://([a-z0-9.-]+)/questions/(\d+)/([a-z0-9-]+)", re.IGNORECASE)
_MANY_LINKS = 5_000


@dataclass(frozen=True, slots=True)
class Site:
    """url: ``https://host`` without a trailing slash. name: the host, as it is shown. hosts: present and old ones."""

    url: str
    name: str
    hosts: frozenset[str]

    @property
    def title(self) -> str:
        """A name for people: ``Bicycles Meta`` for bicycles.meta.stackexchange.com."""
        words = (
            self.name.removeprefix("www.").removesuffix(".stackexchange.com").removesuffix(".com").split(".")
        )
        return " ".join(word.capitalize() for word in words)

    def question_url(self, post: int) -> str:
        return f"{self.url}/q/{post}"

    def answer_url(self, post: int) -> str:
        return f"{self.url}/a/{post}"

    def comment_url(self, comment: int, post: int, question: int) -> str:
        return f"{self.url}/questions/{question}#comment{comment}_{post}"

    def author_url(self, user: int | None) -> str:
        return f"{self.url}/users/{user}" if user is not None else ""

    def post_uid(self, post: int) -> str:
        return tk.imported_uid(self.name, post_key(post))

    def comment_uid(self, comment: int) -> str:
        return tk.imported_uid(self.name, comment_key(comment))


def post_key(post: int) -> str:
    """What a question or answer is called in ``source_id``."""
    return f"post/{post}"


def comment_key(comment: int) -> str:
    """What a comment is called in ``source_id``."""
    return f"comment/{comment}"


def site_of(url: str) -> Site:
    """A site by its address. Raises Refusal."""
    parts = urlsplit(url if "://" in url else f"https://{url}")
    host = (parts.hostname or "").lower()
    if (
        parts.scheme not in ("http", "https")
        or not _HOST.fullmatch(host)
        or parts.path.strip("/")
        or parts.query
    ):
        raise Refusal(
            f"'{url}' is no address of a site. It should look like https://bicycles.stackexchange.com."
        )
    port = f":{parts.port}" if parts.port else ""
    return Site(f"{parts.scheme}://{host}{port}", host, frozenset({host, *_old_hosts(host)}))


def _old_hosts(host: str) -> list[str]:
    """Sites about a site once had the word at the beginning: meta.bicycles.stackexchange.com."""
    name, dot, rest = host.partition(".meta.")
    return [f"meta.{name}.{rest}"] if dot else []


def find_site(dump: Dump) -> Site:
    """The site of a dump by the name of its folder, else by the links in its posts. Raises Refusal."""
    host = host_of_folder(dump.directory) or _host_of_links(dump)
    if host is None:
        raise Refusal(
            "It is not known which site this dump is from. Give its address: --site-url https://..."
        )
    return site_of(host)


def host_of_folder(directory: Path) -> str | None:
    """``bicycles-meta.stackexchange`` and ``bicycles.meta.stackexchange.com`` name a site, most folders do not."""
    name = directory.resolve().name.lower()
    if name.endswith(".stackexchange"):
        name = f"{name.removesuffix('.stackexchange').replace('-meta', '.meta')}.stackexchange.com"
    return name if _HOST.fullmatch(name) and name.endswith((".com", ".net", ".org")) else None


def _host_of_links(dump: Dump) -> str | None:
    """The host whose links name questions of this dump by number and title."""
    links: Counter[tuple[str, int, str]] = Counter()
    titles: dict[int, str] = {}
    for record in dump.records("Posts.xml"):
        if record["Title"]:
            titles[record["Id"]] = slugify(record["Title"], max_length=30)
        if len(links) < _MANY_LINKS:
            links.update((host.lower(), int(key), slug) for host, key, slug in _LINK.findall(record["Body"]))
    votes: Counter[str] = Counter()
    for (host, key, slug), number in links.items():
        if key in titles and slugify(slug, max_length=30) == titles[key]:
            votes[host] += number
    return votes.most_common(1)[0][0] if votes else None


class Links:
    """Rewrites addresses of imported posts of the site into permalinks, and of its tags into those of ours."""

    def __init__(self, site: Site, plan: Plan) -> None:
        self._site, self._plan = site, plan
        hosts = "|".join(re.escape(host) for host in sorted(site.hosts))
        self._address = re.compile(
            rf"https?://(?:{hosts})(?::\d+)?/(?:questions/(?P<question>\d+)(?:/[^/#?]*(?:/(?P<answer>\d+))?)?"
            r"|questions/tagged/(?P<tag>[^/?#]+)|(?:q|a|posts)/(?P<short>\d+))(?:[/?.,][^#]*)?"
            r"(?:\#(?:comment(?P<comment>\d+)_\d+|(?P<anchor>\d+)|.*))?",
            re.IGNORECASE,
        )

    def rewrite(self, address: str) -> str | None:
        """Our path for an address of a post or tag of the site; None for every other one."""
        found = self._address.fullmatch(address)
        if found is None:
            return None
        if found["tag"]:
            return f"/forums/tag/{found['tag']}" if unquote(found["tag"]) in self._plan.tags else None
        comment = int(found["comment"] or 0)
        if comment in self._plan.comments:
            return f"/forums/p/{self._site.comment_uid(comment)}"
        for name in ("anchor", "answer", "short", "question"):
            if found[name] and int(found[name]) in self._plan.posts:
                return f"/forums/p/{self._site.post_uid(int(found[name]))}"
        return None
