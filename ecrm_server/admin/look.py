"""Choosing the site's face: uploaded logo, installed themes."""

from __future__ import annotations

import tomllib
from pathlib import Path

from werkzeug.datastructures import FileStorage, MultiDict

from ecrm_server.access import Actor
from ecrm_server.kernel import current
from ecrm_server.kernel.discovery import bundled_folder
from ecrm_server.storage import services as files

LOGO_SIDE = 512
"""Longest side of a stored logo in pixels."""


def themes() -> list[tuple[str, str]]:
    """(name, title) of every installed theme; the first is the product's own look."""
    found: dict[str, str] = {}
    for root in (current.generation().config.instance / "themes", bundled_folder("themes")):
        for path in sorted(root.glob("*/theme.toml")) if root.is_dir() else ():
            found.setdefault(path.parent.name, _title(path))
    found.pop("default", None)
    return [("", "eCRM Server"), *sorted(found.items(), key=lambda pair: pair[1])]


def _title(path: Path) -> str:
    try:
        return str(tomllib.loads(path.read_text(encoding="utf-8")).get("title", path.parent.name))
    except (OSError, tomllib.TOMLDecodeError):
        return path.parent.name


def with_uploads(
    actor: Actor, form: MultiDict[str, str], uploads: MultiDict[str, FileStorage]
) -> MultiDict[str, str]:
    """The submitted form with the address of each uploaded picture in its field.

    Raises UploadRefused with one sentence for what is no acceptable picture.
    """
    values = MultiDict(form)
    for name, upload in uploads.items():
        data = upload.read()
        if data and name.endswith("_file"):
            saved = files.save_image(
                actor,
                data,
                name=upload.filename or "",
                attach_kind="public",
                attach_uid="site",
                longest_side=LOGO_SIDE,
            )
            values[name.removesuffix("_file")] = saved["url"]
    return values
