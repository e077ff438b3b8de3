"""The archive of one's data: what every part stores about a person, as JSON files in a ZIP."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from ecrm_server import clock
from ecrm_server.kernel import current, state

README = """\
Your data on {site}, as of {time} (UTC).

Each file holds what one part of the site stores about you, as JSON (UTF-8). Times are milliseconds since
1970-01-01 UTC.

{files}
{off}"""
OFF = """
These parts were switched off, so their data could not be read. Ask again when they are on:
{parts}
"""

Progress = Callable[[int, int, str], None]


def collect(account_id: int, profile_id: int, progress: Progress) -> dict[str, Any]:
    """Part -> what it stores about the person. A part that raises makes the whole collection fail."""
    parts = [part for part in current.generation().parts.values() if "export_account" in part.hooks]
    found: dict[str, Any] = {}
    for number, part in enumerate(parts):
        progress(number, len(parts), part.title)
        answer = part.hooks["export_account"](account_id=account_id, profile_id=profile_id)
        data = {name: value for name, value in (answer or {}).items() if value is not None}
        if data:
            found[part.name] = data
    progress(len(parts), len(parts), "")
    return found


def parts_off() -> list[str]:
    """Plugins that were on once and are not part of this generation: their tables may still hold something."""
    generation = current.generation()
    return sorted(name for name in state.rows() if not generation.has(name))


def build(account_id: int, profile_id: int, progress: Progress = lambda *_: None) -> bytes:
    """The ZIP. Raises whatever a part raises."""
    found = collect(account_id, profile_id, progress)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _readme(list(found)))
        for part, data in found.items():
            text = json.dumps(data, ensure_ascii=False, indent=2, default=str)
            archive.writestr(f"{part}.json", text)
    return out.getvalue()


def _readme(parts: list[str]) -> str:
    generation = current.generation()
    files = "\n".join(f"- {name}.json: {generation.parts[name].title}" for name in parts)
    off = OFF.format(parts="\n".join(f"- {name}" for name in names)) if (names := parts_off()) else ""
    site = generation.settings.get("web.site_name", "this site")
    return README.format(site=site, time=clock.iso(clock.now()), files=files, off=off)
