"""Colours of the token files: every text reads on its ground (WCAG 2.2 AA), in light and in dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ecrm_server.web.accent import AA, accent_css, contrast, parse_hex
from ecrm_server.web.assets import CORE

ROOT = Path(__file__).parents[3]
STATES = ("success", "warning", "danger", "info")
GROUNDS = ("bg", "surface", "raised", "sunken", "hover")
_TOKEN = re.compile(r"--([\w-]+):\s*light-dark\((#[0-9a-fA-F]{6}),\s*(#[0-9a-fA-F]{6})\)")

TEXT = [
    *[(text, ground) for text in ("text", "text-soft", "text-muted") for ground in GROUNDS],
    *[("accent-text", ground) for ground in ("bg", "surface", "raised", "sunken", "accent-soft")],
    *[("on-solid", ground) for ground in ("accent", "accent-hover", "success", "warning", "danger", "info")],
    *[
        (f"{state}-text", ground)
        for state in STATES
        for ground in (f"{state}-soft", "surface", "bg", "raised")
    ],
    *[(f"c{n}-text", f"c{n}") for n in range(12)],
    ("text", "mark"),
    ("text", "accent-soft"),
    ("text-soft", "accent-soft"),
    ("on-inverse", "inverse"),
    ("inverse-accent", "inverse"),
]
# Borders of fields and the focus ring are not text: 3 to 1 (WCAG 1.4.11).
SHAPES = [(shape, ground) for shape in ("field-border", "focus") for ground in ("bg", "surface", "raised")]


def read(text: str) -> dict[str, tuple[str, str]]:
    return {name: (light, dark) for name, light, dark in _TOKEN.findall(text)}


def palettes() -> dict[str, dict[str, tuple[str, str]]]:
    core = read((CORE / "tokens.css").read_text(encoding="utf-8"))
    found = {"core": core}
    for path in sorted((ROOT / "themes").glob("*/static/tokens.css")):
        found[path.parents[1].name] = core | read(path.read_text(encoding="utf-8"))
    for colour in ("ffee00", "000000", "ffffff", "4a57cf", "00c853", "ff1744"):
        found[f"accent {colour}"] = core | read(accent_css(colour))
    return found


PALETTES = palettes()


@pytest.mark.parametrize("name", PALETTES)
@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_every_text_reads_on_its_ground(name: str, mode: int) -> None:
    palette = PALETTES[name]

    def ratio(pair: tuple[str, str]) -> float:
        return contrast(parse_hex(palette[pair[0]][mode]), parse_hex(palette[pair[1]][mode]))

    weak = {
        f"{text} on {ground}": round(ratio((text, ground)), 2)
        for text, ground in TEXT
        if ratio((text, ground)) < AA
    }
    weak |= {
        f"{line} on {ground}": round(ratio((line, ground)), 2)
        for line, ground in SHAPES
        if ratio((line, ground)) < 3
    }
    assert weak == {}


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast(parse_hex("#777"), parse_hex("#fff")) == pytest.approx(4.48, abs=0.01)


def test_the_style_sheet_uses_only_tokens_that_exist() -> None:
    defined = set(re.findall(r"(--[\w-]+):", (CORE / "tokens.css").read_text(encoding="utf-8")))
    style = (CORE / "ecrm.css").read_text(encoding="utf-8")
    used = {name for name in re.findall(r"var\((--[\w-]+)", style) if not name.startswith("--bs-")}
    assert used - defined == set()


def test_the_style_sheet_has_no_colour_of_its_own() -> None:
    style = (CORE / "ecrm.css").read_text(encoding="utf-8").split("@media print")[0]
    # What remains is a backdrop's shade, the switch's white knob and the drawing inside a data: URL.
    lines = [line for line in style.splitlines() if re.search(r"#[0-9a-fA-F]{3,6}\b", line)]
    assert [line.split(" {")[0] for line in lines] == [".switch::before"]
