"""Vendored front-end files: fetched from npm by hand, committed, and re-hashed by a test.

``python -m ecrm_server.web.vendor refresh`` packs each package at its pinned version with the ordinary npm
client into a temporary folder, copies the files we serve and writes ``vendor.lock.json``.
``python -m ecrm_server.web.vendor check`` re-hashes what is committed. No Node is needed at run time.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from .subset import without_scripted

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"
LOCK = VENDOR / "vendor.lock.json"
ICON_LIST = VENDOR / "icons.txt"
ICON_FILE = "tabler/icons.json"
_ICON_PACKAGE = "@tabler/icons"
# A browser's developer tools would ask for maps that we do not ship.
_SOURCE_MAP = re.compile(rb"\n?(//# sourceMappingURL=[^\n]*|/\*# sourceMappingURL=[^*]*\*/)\s*$")
_SVG_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.S)
_SVG_BOX = re.compile(r'\s*<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>')


class VendorError(Exception):
    """A vendored file or its lock cannot be made or does not match; the message names it."""


class Entry(TypedDict):
    """One served file in the lock: package, version, file below ``vendor/``, sha256 in hex, licence."""

    package: str
    version: str
    file: str
    sha256: str
    licence: str


@dataclass(frozen=True)
class Package:
    """A package at npm: its pinned version and ``{path inside the package: path below vendor/}``."""

    name: str
    version: str
    files: dict[str, str]


PACKAGES = (
    Package(
        "bootstrap",
        "5.3.9",
        {
            "dist/css/bootstrap.min.css": "bootstrap/bootstrap.min.css",
            "dist/css/bootstrap.rtl.min.css": "bootstrap/bootstrap.rtl.min.css",
        },
    ),
    Package("htmx.org", "4.0.1", {"dist/htmx.min.js": "htmx/htmx.min.js"}),
    Package(
        "socket.io-client",
        "4.8.4",
        {"dist/socket.io.esm.min.js": "socket.io-client/socket.io.esm.min.js"},
    ),
    Package(
        "@github/markdown-toolbar-element",
        "2.2.3",
        {"dist/index.js": "markdown-toolbar-element/index.js"},
    ),
    Package("sortablejs", "1.15.7", {"Sortable.min.js": "sortablejs/sortable.min.js"}),
    Package("tinykeys", "4.0.0", {"dist/tinykeys.mjs": "tinykeys/tinykeys.js"}),
    Package(_ICON_PACKAGE, "3.51.0", {}),
)


def icon_names() -> list[str]:
    """The names in ``icons.txt``, sorted, each once."""
    lines = ICON_LIST.read_text(encoding="utf-8").splitlines()
    return sorted({name for line in lines if not line.startswith("#") for name in line.split()})


def read_lock() -> list[Entry]:
    """The committed lock; raises ``VendorError`` when it is absent."""
    if not LOCK.exists():
        raise VendorError(f"{LOCK.name} is missing: run python -m ecrm_server.web.vendor refresh")
    entries: list[Entry] = json.loads(LOCK.read_text(encoding="utf-8"))["files"]
    return entries


def problems() -> list[str]:
    """What differs between the lock and the files, one sentence each; empty when all is well."""
    entries = {entry["file"]: entry for entry in read_lock()}
    present = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    found = [
        f"{name} is not in the lock" for name in sorted(present - set(entries) - {LOCK.name, ICON_LIST.name})
    ]
    for name, entry in sorted(entries.items()):
        if name not in present:
            found.append(f"{name} is missing")
        elif _digest((VENDOR / name).read_bytes()) != entry["sha256"]:
            found.append(f"{name} differs from its hash")
    return found


def refresh() -> list[Entry]:
    """Fetch every package, write its files and the lock, and return the lock's entries."""
    entries: list[Entry] = []
    with tempfile.TemporaryDirectory() as folder:
        for package in PACKAGES:
            root = _unpack(package, Path(folder))
            licence = str(json.loads((root / "package.json").read_text(encoding="utf-8"))["license"])
            for target, content in _contents(package, root):
                path = VENDOR / target
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                entries.append(
                    Entry(
                        package=package.name,
                        version=package.version,
                        file=target,
                        sha256=_digest(content),
                        licence=licence,
                    )
                )
    LOCK.write_text(json.dumps({"files": entries}, indent=1) + "\n", encoding="utf-8")
    return entries


def _contents(package: Package, root: Path) -> Iterator[tuple[str, bytes]]:
    for source, target in package.files.items():
        content = _SOURCE_MAP.sub(b"\n", (root / source).read_bytes())
        if package.name == "bootstrap":
            content = without_scripted(content.decode()).encode()
        yield target, content
    if package.name == _ICON_PACKAGE:
        yield ICON_FILE, _icons(root)
    short = package.name.rpartition("/")[2].removesuffix(".org")
    yield f"licences/{short}.txt", (root / "LICENSE").read_bytes()


def _icons(root: Path) -> bytes:
    """All listed icons as one JSON object, name to the markup inside ``<svg>``."""
    bodies = {}
    for name in icon_names():
        path = root / "icons" / "outline" / f"{name}.svg"
        match = _SVG_BODY.search(path.read_text(encoding="utf-8")) if path.exists() else None
        if match is None:
            raise VendorError(f"{_ICON_PACKAGE} has no outline icon named {name}")
        body = _SVG_BOX.sub("", match[1])
        bodies[name] = re.sub(r">\s+<", "><", body).replace(" />", "/>").strip()
    return (json.dumps(bodies, indent=0, sort_keys=True) + "\n").encode()


def _unpack(package: Package, folder: Path) -> Path:
    """Run ``npm pack`` and unpack the archive; returns the package's root folder."""
    target = folder / package.name.replace("/", "-")
    target.mkdir()
    spec = f"{package.name}@{package.version}"
    done = subprocess.run(
        ["npm", "pack", "--silent", spec], cwd=target, capture_output=True, text=True, check=False
    )
    archives = list(target.glob("*.tgz"))
    if done.returncode or len(archives) != 1:
        raise VendorError(f"npm pack {spec} failed: {done.stderr.strip() or done.stdout.strip()}")
    with tarfile.open(archives[0]) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main(arguments: list[str]) -> int:
    """Entry of ``python -m ecrm_server.web.vendor``; returns the exit status."""
    if arguments not in (["refresh"], ["check"]):
        print("usage: python -m ecrm_server.web.vendor refresh|check", file=sys.stderr)
        return 2
    try:
        if arguments == ["refresh"]:
            print(f"files: {len(refresh())}")
            return 0
        found = problems()
    except VendorError as error:
        found = [str(error)]
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
