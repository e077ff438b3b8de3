"""``ecrm plugin new``: a small complete plugin written from the templates in ``skeleton/``."""

from __future__ import annotations

import io
import re
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from ecrm_server.config import Config
from ecrm_server.errors import Conflict, Refusal
from ecrm_server.kernel.discovery import discover
from ecrm_server.kernel.part import CORE_PARTS

SKELETON = Path(__file__).with_name("skeleton")
_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
_TITLE = re.compile(r"[\w .,&()+-]{1,60}")


def create(config: Config, name: str, *, title: str = "", into: Path | None = None) -> Path:
    """Write the plugin and return its folder, by default below ``instance/plugins``.

    Raises Refusal for a name or title that cannot be one, Conflict for one that is taken.
    """
    shown = title or name.replace("_", " ").capitalize()
    if not _NAME.fullmatch(name):
        raise Refusal(f"'{name}' cannot be a plugin's name: use 2 to 40 lower-case letters, digits and _.")
    if not _TITLE.fullmatch(shown):
        raise Refusal("A title has 1 to 60 letters, digits, spaces and . , & ( ) + -")
    if name in CORE_PARTS or name in discover(config.instance).manifests:
        raise Conflict(f"'{name}' is the name of a part that exists already. Choose another one.")
    folder = (into or config.instance / "plugins") / name
    if folder.exists():
        raise Conflict(f"{folder} exists already.")
    for template in sorted(SKELETON.rglob("*.txt")):
        _write(folder, template, name, shown)
    return folder


def _write(folder: Path, template: Path, name: str, title: str) -> None:
    relative = template.relative_to(SKELETON).as_posix().removesuffix(".txt").replace("NAME", name)
    target = folder / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    text = template.read_text(encoding="utf-8").replace("%%name%%", name).replace("%%title%%", title)
    target.write_text(text, encoding="utf-8")
    if target.suffix == ".po":
        with target.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, read_po(io.BytesIO(text.encode()), locale=target.parent.parent.name))
