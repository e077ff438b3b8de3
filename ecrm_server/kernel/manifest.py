"""A plugin's ``plugin.toml``: read and checked without importing any of its code."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ecrm_server import __version__
from ecrm_server.errors import PluginError

Origin = Literal["bundled", "instance", "package"]

_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
_TEXTS = {"name", "title", "version", "summary", "core", "icon", "author", "homepage", "licence", "category"}
_LISTS = {"needs", "wants", "provides", "permissions"}
_FLAGS = {"enabled_at_first"}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a plugin says of itself.

    needs and wants: plugin names (hard and soft). provides: services, ``name@version``. permissions: those it asks for,
    for the admin to read before enabling. core: the range of server versions it runs with.
    """

    name: str
    title: str
    version: str
    path: Path
    origin: Origin
    summary: str = ""
    core: str = ""
    icon: str = "puzzle"
    author: str = ""
    homepage: str = ""
    licence: str = ""
    category: str = ""
    needs: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    provides: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    enabled_at_first: bool = False


def read(folder: Path, origin: Origin) -> Manifest:
    """Read ``folder/plugin.toml``. Raises PluginError with one sentence that names the file and the mistake."""
    path = folder / "plugin.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PluginError(f"{path.name} of {folder.name} cannot be read: {error}.") from error
    _check_keys(folder, data)
    if not _NAME.fullmatch(data["name"]):
        raise PluginError(
            f"{folder.name}: the name '{data['name']}' must be lower-case letters, digits and _."
        )
    _check_core(data)
    lists: dict[str, Any] = {key: tuple(data.get(key, ())) for key in _LISTS}
    rest = {key: value for key, value in data.items() if key not in _LISTS}
    return Manifest(path=folder, origin=origin, **rest, **lists)


def _check_keys(folder: Path, data: dict[str, Any]) -> None:
    for key in ("name", "title", "version"):
        if key not in data:
            raise PluginError(f"plugin.toml of {folder.name} lacks '{key}'.")
    for key, value in data.items():
        right = (
            (key in _TEXTS and isinstance(value, str))
            or (key in _LISTS and isinstance(value, list) and all(isinstance(item, str) for item in value))
            or (key in _FLAGS and isinstance(value, bool))
        )
        if not right:
            known = ", ".join(sorted(_TEXTS | _LISTS | _FLAGS))
            raise PluginError(
                f"plugin.toml of {folder.name}: '{key}' is unknown or of the wrong type. Known: {known}."
            )


def _check_core(data: dict[str, Any]) -> None:
    try:
        fits = __version__ in SpecifierSet(data.get("core", ""), prereleases=True)
    except InvalidSpecifier as error:
        raise PluginError(f"{data['name']}: the core range '{data['core']}' is no version range.") from error
    if not fits:
        raise PluginError(f"{data['name']} runs with core {data['core']}, but this server is {__version__}.")
