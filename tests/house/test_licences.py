from __future__ import annotations

import re

import pytest

from tests.house.licences import DISTRIBUTED, LISTING, Part, installed, licence, parts, texts

COPYLEFT = re.compile(r"GPL|MPL|EPL|EUPL|CDDL|SSPL|OSL", re.IGNORECASE)
PERMISSIVE = re.compile(r"0BSD|Apache-2\.0|BSD-[23]-Clause|ISC|MIT(-0|-CMU)?|PSF-2\.0|Unlicense|ZPL-2\.1")

# A weak copyleft of single files, brought by python-socketio without a substitute, and used unchanged.
EXCEPTED = {"bidict": "MPL-2.0"}

PARTS = list(parts())
LISTED = LISTING.read_text("utf-8") if LISTING.is_file() else ""


def operands(expression: str) -> list[str]:
    """The licences of an SPDX expression, of which each has to be acceptable."""
    return re.split(r"\s+(?:AND|OR)\s+", expression.strip("()"))


def listed_licence(part: Part) -> str | None:
    """The licence that the listing gives to exactly this name and version, or None."""
    found = re.search(rf"^{re.escape(part.row)} (.+) \|$", LISTED, re.MULTILINE)
    return found[1] if found else None


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_every_locked_part_is_listed_with_its_licence(part: Part) -> None:
    listed = listed_licence(part)
    assert listed not in {None, "unknown"}, f"{part.name} {part.versions}: run `make licences`"
    if part.section == "vendor" or installed(part.name):
        assert listed == licence(part)


@pytest.mark.parametrize(
    "part", [part for part in PARTS if part.section in DISTRIBUTED], ids=lambda part: part.name
)
def test_every_distributed_part_has_its_licence_text(part: Part) -> None:
    assert re.search(rf"^### (.*, )?{re.escape(part.name)}(,|$)", LISTED, re.MULTILINE), (
        f"no text of {part.name}"
    )
    assert sum(len(text) for text in texts(part)) > 200 or not (
        part.section == "vendor" or installed(part.name)
    )


@pytest.mark.parametrize(
    "part",
    [part for part in PARTS if part.section in {"requirements.lock", "vendor"}],
    ids=lambda part: part.name,
)
def test_the_core_is_permissive(part: Part) -> None:
    listed = listed_licence(part) or "unlisted"
    if EXCEPTED.get(part.name) != listed:
        assert all(PERMISSIVE.fullmatch(name) for name in operands(listed)), f"{part.name}: {listed}"


def test_no_part_at_all_is_under_the_gpl() -> None:
    listed = {part.name: listed_licence(part) or "" for part in PARTS}
    strong = {name: text for name, text in listed.items() if re.search(r"(?<!L)GPL", text)}
    assert not strong


def test_weak_copyleft_is_named_in_the_dependencies_page() -> None:
    page = (LISTING.parent / "docs" / "dependencies.md").read_text("utf-8")
    weak = [part.name for part in PARTS if COPYLEFT.search(listed_licence(part) or "")]
    assert {"bidict", "psycopg"} <= set(weak)
    assert not [name for name in weak if f"`{name}`" not in page]


@pytest.mark.parametrize(
    "expression", ["GPL-3.0-only", "MIT AND AGPL-3.0-or-later", "LGPL-2.1-only", "Proprietary"]
)
def test_a_forbidden_licence_is_recognised(expression: str) -> None:
    assert not all(PERMISSIVE.fullmatch(name) for name in operands(expression))


def test_an_unlisted_part_is_noticed() -> None:
    assert listed_licence(Part("requirements.lock", "flask", "0.0.1")) is None
