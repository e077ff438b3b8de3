"""Collects the licences of everything that the lock files and the vendored assets name.

`python -m tests.house.licences` (`make licences`) writes THIRD_PARTY_LICENCES.md from the packages installed
in the virtual environment; tests compare that file with the locks.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement

from tests.house.sources import ROOT

LISTING = ROOT / "THIRD_PARTY_LICENCES.md"
VENDOR = ROOT / "ecrm_server" / "static" / "vendor"
LINUX = {
    "sys_platform": "linux",
    "os_name": "posix",
    "platform_system": "Linux",
    "platform_python_implementation": "CPython",
    "implementation_name": "cpython",
}
ENVIRONMENTS = [
    LINUX | {"python_version": version[:4], "python_full_version": version}
    for version in ("3.11.2", "3.11.9", "3.12.9", "3.13.9")
]

# Licences as SPDX names where a package says it in other words; what says "BSD" was read in its text.
SPELLINGS = {
    "MIT License": "MIT",
    "The Unlicense (Unlicense)": "Unlicense",
    "Apache Software License": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD-0-Clause": "0BSD",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
READ_IN_THE_TEXT = {
    "async-timeout": "Apache-2.0",
    "flask-wtf": "BSD-3-Clause",
    "huey": "MIT",
    "itsdangerous": "BSD-3-Clause",
    "jinja2": "BSD-3-Clause",
    "libpass": "BSD-3-Clause",
    "peewee": "MIT",
    "pyasn1-modules": "BSD-2-Clause",
    "qrcode": "BSD-3-Clause",
    "wtforms": "BSD-3-Clause",
}

# Packages that ship no licence file: who holds the copyright, for the licence's common text.
HOLDERS = {
    "flask-principal": "Copyright (c) 2010 Ali Afshar",
    "ordered-set": "Copyright (c) 2012-2022 Elia Robyn Lake",
}
MIT_TEXT = """{holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES
OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE."""

INTRODUCTION = """# Third-party licences

eCRM Server itself is under the Apache License 2.0 (LICENSE). It stands on the work of others, listed
here from the lock files by `make licences`.
"""

SECTIONS = {
    "requirements.lock": "Python packages of the server",
    "requirements-services.lock": "Optional drivers of PostgreSQL and Redis",
    "vendor": "Assets served to browsers",
    "requirements-test.lock": "Test tools (not distributed)",
    "requirements-build.lock": "Build tools (not distributed)",
}
DISTRIBUTED = ("requirements.lock", "requirements-services.lock", "vendor")


@dataclass(frozen=True)
class Part:
    """One package or vendored asset; `versions` joins those of different Python versions by ", "."""

    section: str
    name: str
    versions: str

    @property
    def row(self) -> str:
        """Its line in the listing, up to the licence."""
        return f"| {self.name} | {self.versions} |"


def locked(lock: str) -> dict[str, str]:
    """Name to version (several joined by ", ") of what `lock` installs on Linux with CPython."""
    versions: dict[str, list[str]] = {}
    for line in (ROOT / lock).read_text("utf-8").splitlines():
        if not re.match(r"[A-Za-z]", line):
            continue
        requirement = Requirement(line.removesuffix("\\").strip())
        marker = requirement.marker
        if marker is None or any(marker.evaluate(environment) for environment in ENVIRONMENTS):
            versions.setdefault(requirement.name.lower(), []).append(str(requirement.specifier).lstrip("="))
    return {name: ", ".join(sorted(found)) for name, found in versions.items()}


def vendored() -> dict[str, tuple[str, str]]:
    """Package name to version and licence of the vendored assets."""
    entries = json.loads((VENDOR / "vendor.lock.json").read_text("utf-8"))["files"]
    return {entry["package"]: (entry["version"], _spdx(entry["licence"])) for entry in entries}


def parts() -> Iterator[Part]:
    """Everything to be listed, each once, in the section that first names it."""
    seen: set[str] = set()
    for section in SECTIONS:
        if section == "vendor":
            found = {name: version for name, (version, _) in vendored().items()}
        else:
            found = {name: version for name, version in locked(section).items() if name not in seen}
            seen |= found.keys()
        yield from (Part(section, name, version) for name, version in sorted(found.items()))


def installed(name: str) -> Distribution | None:
    """The installed package, or None (some are needed only by another Python version)."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def licence(part: Part) -> str | None:
    """The part's SPDX licence expression, or None when nothing here tells."""
    if part.section == "vendor":
        return vendored()[part.name][1]
    if part.name in READ_IN_THE_TEXT:
        return READ_IN_THE_TEXT[part.name]
    found = installed(part.name)
    if found is None:
        return None
    fields = found.metadata.json
    said = [fields.get("license_expression"), fields.get("license"), *_classifiers(found)]
    return next((_spdx(text) for text in said if isinstance(text, str) and _is_licence(text)), None)


def texts(part: Part) -> list[str]:
    """The part's licence texts and notices."""
    if part.section == "vendor":
        files = json.loads((VENDOR / "vendor.lock.json").read_text("utf-8"))["files"]
        names = [entry["file"] for entry in files if entry["package"] == part.name]
        return [(VENDOR / name).read_text("utf-8") for name in names if name.startswith("licences/")]
    if part.name in HOLDERS:
        return [MIT_TEXT.format(holder=HOLDERS[part.name])]
    found = installed(part.name)
    if found is None:
        return [(ROOT / "LICENSE").read_text("utf-8")] if licence(part) == "Apache-2.0" else []
    named = re.compile(r"\.dist-info/.*(licen[sc]e|copying|notice)[^/]*$", re.IGNORECASE)
    files = sorted(str(path) for path in found.files or () if named.search(str(path)))
    return [found.read_text(path.split("/", 1)[1]) or "" for path in files]


def _classifiers(found: Distribution) -> list[str]:
    listed = found.metadata.get_all("Classifier") or []
    return [text.split("::")[-1].strip() for text in listed if text.startswith("License ::")]


def _is_licence(text: str) -> bool:
    return 0 < len(text) < 80 and text not in {"OSI Approved", "DFSG approved", "BSD", "BSD License"}


def _spdx(text: str) -> str:
    return SPELLINGS.get(text.strip(), text.strip())


def listing() -> str:
    """The whole of THIRD_PARTY_LICENCES.md."""
    lines = [INTRODUCTION]
    by_text: dict[str, list[str]] = {}
    for section, title in SECTIONS.items():
        members = [part for part in parts() if part.section == section]
        lines += [f"## {title}", "", "| name | version | licence |", "|---|---|---|"]
        lines += [f"{part.row} {licence(part) or 'unknown'} |" for part in members]
        lines.append("")
        if section in DISTRIBUTED:
            for part in members:
                for text in texts(part):
                    by_text.setdefault(_tidy(text), []).append(part.name)
    lines += ["## Texts", ""]
    for text, names in by_text.items():
        lines += [f"### {', '.join(dict.fromkeys(names))}", "", "~~~~text", text, "~~~~", ""]
    return "\n".join(lines).rstrip() + "\n"


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().expandtabs().splitlines())


if __name__ == "__main__":
    LISTING.write_text(listing(), "utf-8")
    sys.stdout.write(f"{LISTING.name}: {sum(1 for _ in parts())} parts\n")
