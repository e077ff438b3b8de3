"""Static files under names that change with their content, so browsers keep them for a year.

Every folder (the core's, each plugin's, each theme's) has one hash over all its files, and the URL carries it as
a path part: ``/static/<hash>/js/app.js``. A module's relative imports and a style sheet's ``url()`` then resolve
below the same hash without a build step, which a query string or a hash per file could not do.

===============================  ================================================
``/static/<hash>/...``           the core's folder
``/static/p/<plugin>/<hash>/..`` a plugin's ``static/``
``/static/t/<theme>/<hash>/...`` a theme's ``static/``
``/static/a/<rrggbb>.css``       the accent colour tokens made from one colour
===============================  ================================================

A URL without a hash, or with an old one (a page rendered before an upgrade), still answers the present file, but
then the browser has to ask again each time.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from werkzeug.exceptions import NotFound
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response

from ecrm_server.web.accent import accent_css
from ecrm_server.web.subset import without_comments

CORE = Path(__file__).resolve().parent.parent / "static"
FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".webp": "image/webp",
}
_COMPRESSIBLE = (".js", ".mjs", ".css", ".json", ".svg", ".txt", ".webmanifest")
_HASH = re.compile(r"[0-9a-f]{8}")
_ACCENT = re.compile(r"([0-9a-f]{6})\.css")
_WATCH_SECONDS = 1.0


class UnknownAsset(LookupError):
    """A template names a static file that does not exist; raised only by strict ``Assets`` (tests, development)."""


@dataclass
class _File:
    """One static file: its bytes, its type, and the gzip form once somebody asked for it."""

    content: bytes
    mimetype: str
    compressible: bool
    etag: str
    packed: bytes | None = None

    def gzipped(self) -> bytes | None:
        if self.packed is None and self.compressible:
            content = self.content
            if self.mimetype.startswith("text/css"):
                content = without_comments(content.decode("utf-8")).encode()
            self.packed = gzip.compress(content, 9, mtime=0)
        return self.packed


@dataclass
class Folder:
    """A folder of static files held in memory, read once; ``hash8`` changes when any of its files does."""

    root: Path
    files: dict[str, _File] = field(default_factory=dict)
    hash8: str = ""
    _signature: tuple[tuple[str, int, int], ...] = ()
    _looked: float = 0.0

    def load(self) -> None:
        """Read the folder again if a name, time or size in it changed."""
        self._looked = time.monotonic()
        signature = _signature(self.root)
        if signature == self._signature and self.hash8:
            return
        files: dict[str, _File] = {}
        whole = hashlib.sha256()
        for name, _, _ in signature:
            content = (self.root / name).read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            whole.update(f"{name}\0{digest}\n".encode())
            suffix = Path(name).suffix.lower()
            files[name] = _File(content, _mimetype(suffix), suffix in _COMPRESSIBLE, digest[:16])
        self.files, self.hash8, self._signature = files, whole.hexdigest()[:8], signature

    def refresh(self) -> None:
        """Look for changes at most once a second (development)."""
        if time.monotonic() - self._looked > _WATCH_SECONDS:
            self.load()


# Shared by all generations of the process: a swap must not read and compress everything again.
_folders: dict[Path, Folder] = {}
_lock = threading.Lock()


def _folder(root: Path) -> Folder:
    with _lock:
        found = _folders.get(root)
        if found is None:
            found = Folder(root)
            found.load()
            _folders[root] = found
        return found


class Assets:
    """The static files of one generation: the core's and those of its plugins and themes.

    ``plugins`` and ``themes`` map a name to its static folder; folders that do not exist are left out.
    ``watch`` re-reads changed files (development); ``strict`` raises ``UnknownAsset`` for a file that is not there.
    """

    def __init__(
        self,
        plugins: Mapping[str, Path] | None = None,
        themes: Mapping[str, Path] | None = None,
        *,
        core: Path = CORE,
        watch: bool = False,
        strict: bool = False,
    ) -> None:
        self._watch = watch
        self._strict = strict
        self._folders = {"": _folder(core.resolve())}
        for prefix, group in (("p", plugins or {}), ("t", themes or {})):
            for name, root in group.items():
                if root.is_dir():
                    self._folders[f"{prefix}/{name}/"] = _folder(root.resolve())

    @property
    def edition(self) -> str:
        """Changes when any file does."""
        return " ".join(prefix + folder.hash8 for prefix, folder in self._folders.items())

    def url(self, path: str) -> str:
        """The URL of ``js/app.js``, ``p/<plugin>/x.css``, ``t/<theme>/tokens.css`` or ``a/<rrggbb>.css``."""
        if path.startswith("a/"):
            return f"/static/{path}"
        prefix, name = _split(path)
        folder = self._folders.get(prefix)
        if folder is not None and self._watch:
            folder.refresh()
        if folder is None or name not in folder.files:
            if self._strict:
                raise UnknownAsset(f"no static file is named {path!r}")
            return f"/static/{path}"
        return f"/static/{prefix}{folder.hash8}/{name}"

    def response(self, path: str, accept_encoding: str = "", if_none_match: str = "") -> Response:
        """Answer ``/static/<path>``; raises ``NotFound`` for anything that is not a listed file."""
        if path.startswith("a/"):
            return _accent_response(path[2:], accept_encoding)
        prefix, name = _split(path)
        folder = self._folders.get(prefix)
        if folder is None:
            raise NotFound()
        if self._watch:
            folder.refresh()
        head, _, rest = name.partition("/")
        hashed = bool(rest) and name not in folder.files and _HASH.fullmatch(head) is not None
        # Only names found while reading the folder are answered, so no path can lead outside it.
        found = folder.files.get(rest if hashed else name)
        if found is None:
            raise NotFound()
        return _answer(
            found, FOREVER if hashed and head == folder.hash8 else ASK_AGAIN, accept_encoding, if_none_match
        )


def _split(path: str) -> tuple[str, str]:
    """``p/forums/a/b.js`` becomes ``("p/forums/", "a/b.js")``, a core path ``("", path)``."""
    if path.startswith(("p/", "t/")):
        kind, _, rest = path.partition("/")
        owner, _, name = rest.partition("/")
        return f"{kind}/{owner}/", name
    return "", path


def _answer(found: _File, cache: str, accept_encoding: str, if_none_match: str) -> Response:
    etag = f'"{found.etag}"'
    headers = {"Cache-Control": cache, "ETag": etag, "X-Content-Type-Options": "nosniff"}
    if found.compressible:
        headers["Vary"] = "Accept-Encoding"
    if etag in if_none_match:
        return Response(status=304, headers=headers)
    body = found.gzipped() if _accepts_gzip(accept_encoding) else None
    if body is not None and len(body) < len(found.content):
        headers["Content-Encoding"] = "gzip"
    else:
        body = found.content
    if found.mimetype == "image/svg+xml":
        # Opened on its own an SVG is a document: nothing in it may run.
        headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return Response(body, headers=headers, content_type=found.mimetype)


def _accent_response(name: str, accept_encoding: str) -> Response:
    match = _ACCENT.fullmatch(name)
    if match is None:
        raise NotFound()
    return _answer(_accent_file(match[1]), FOREVER, accept_encoding, "")


@lru_cache(maxsize=64)
def _accent_file(colour: str) -> _File:
    content = accent_css(colour).encode()
    return _File(content, _TYPES[".css"], True, hashlib.sha256(content).hexdigest()[:16])


@lru_cache(maxsize=256)
def _accepts_gzip(accept_encoding: str) -> bool:
    return parse_accept_header(accept_encoding).quality("gzip") > 0 if accept_encoding else False


def _signature(root: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, modification time and size of every file below ``root``; hidden files and links stay out."""
    found = []
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if path.is_file() and not path.is_symlink() and not any(part.startswith(".") for part in name.parts):
            state = path.stat()
            found.append((name.as_posix(), state.st_mtime_ns, state.st_size))
    return tuple(found)


def _mimetype(suffix: str) -> str:
    return _TYPES.get(suffix) or mimetypes.guess_type(f"x{suffix}")[0] or "application/octet-stream"
