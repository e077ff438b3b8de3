"""The four verbs of a plugin's life: install, enable, disable (data kept), purge (data exported, then gone)."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ecrm_server import clock
from ecrm_server.config import Config
from ecrm_server.csvfile import csv_text
from ecrm_server.data import Prepared, database, transaction
from ecrm_server.errors import Conflict, NotFound, PluginError, Refusal
from ecrm_server.kernel import discovery, manifest, state
from ecrm_server.kernel.discovery import Discovered, discover
from ecrm_server.kernel.manifest import Manifest
from ecrm_server.kernel.migrate import histories, migrate, revert_all
from ecrm_server.kernel.order import dependants

# Not LIKE: the underscore of a plugin's name would match any character.
_FORGET_SETTINGS = Prepared("DELETE FROM setting WHERE substr(name, 1, ?) = ?")
_FORGET_DELIVERIES = Prepared("DELETE FROM event_delivery WHERE substr(subscriber, 1, ?) = ?")


def find(config: Config, name: str, found: Discovered | None = None) -> Manifest:
    """A discovered plugin. Raises NotFound when there is none of this name."""
    discovered = found or discover(config.instance)
    if name not in discovered.manifests:
        raise NotFound(f"There is no plugin '{name}'. 'ecrm plugin list' shows those there are.")
    return discovered.manifests[name]


def with_needs(config: Config, name: str) -> list[Manifest]:
    """The plugin and everything it needs, needs first. Raises Refusal when a need is missing."""
    discovered = discover(config.instance)
    ordered: list[Manifest] = []

    def visit(current: str, wanted_by: str) -> None:
        if current not in discovered.manifests:
            raise Refusal(f"{wanted_by} needs the plugin '{current}', which is not installed.")
        if any(item.name == current for item in ordered):
            return
        for need in discovered.manifests[current].needs:
            visit(need, current)
        ordered.append(discovered.manifests[current])

    find(config, name, discovered)
    visit(name, name)
    return ordered


def enable(config: Config, name: str) -> int:
    """Migrate and switch on a plugin and what it needs; every process swaps to a generation that has it.

    Returns the generation's number. Raises PluginError when a migration fails: schema and state are then as before.
    """
    return switch_on(name, made_ready(config, name))


def made_ready(config: Config, name: str) -> list[Manifest]:
    """Bring the tables of a plugin and of what it needs up to date, not in the caller's transaction. Returns them all.

    Raises PluginError when a migration fails.
    """
    from ecrm_server.admin.backup import backup_before_migrating

    manifests = with_needs(config, name)
    migrate(
        histories((item.name, item.path) for item in manifests),
        before=lambda: backup_before_migrating(config),
    )
    return manifests


def switch_on(name: str, manifests: Iterable[Manifest]) -> int:
    """Switch on a plugin and what it needs (``made_ready``). Returns the number of the generation that has them."""
    with transaction():
        rows = state.rows()
        number = state.number()
        for item in manifests:
            if item.name == name or not (item.name in rows and rows[item.name].active):
                number = state.set_enabled(item.name, item.version)
    return number


def disable(config: Config, name: str, *, also_dependants: bool = False) -> int:
    """Switch a plugin off; its data stays. Raises Conflict naming the plugins that need it."""
    rows = state.rows()
    if name not in rows or not rows[name].enabled:
        raise Conflict(f"'{name}' is not enabled.")
    enabled = [row.name for row in rows.values() if row.enabled]
    needing = dependants(name, enabled, discover(config.instance).manifests)
    if needing and not also_dependants:
        raise Conflict(f"{', '.join(needing)} cannot work without '{name}'. Disable them first.")
    with transaction():
        for other in needing:
            state.set_disabled(other)
        return state.set_disabled(name)


def purge(config: Config, name: str) -> Path:
    """Export a disabled plugin's tables to ``instance/exports`` and drop them. Returns the archive."""
    rows = state.rows()
    if name in rows and rows[name].enabled:
        raise Conflict(f"'{name}' is enabled. Disable it before you purge it.")
    item = find(config, name)
    archive = export_tables(config, name)
    for history in histories([(name, item.path)]):
        with transaction():
            revert_all(history)
    with transaction():
        _FORGET_SETTINGS.run(len(name) + 1, f"{name}.")
        _FORGET_DELIVERIES.run(len(name) + 1, f"{name}:")
        state.forget(name)
    return archive


def export_tables(config: Config, name: str) -> Path:
    """Write every table ``<name>_*`` as CSV into one archive, but not those of a plugin with a longer such name."""
    folder = config.instance / "exports"
    folder.mkdir(parents=True, exist_ok=True)
    stamp = clock.to_datetime(clock.now()).strftime("%Y%m%dT%H%M%S")
    path = folder / f"{name}-{stamp}.zip"
    known = {name, *discover(config.instance).manifests}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in sorted(table for table in database.get_tables() if _owner(table, known) == name):
            archive.writestr(f"{table}.csv", _csv_of(table))
    return path


def _owner(table: str, plugins: Iterable[str]) -> str:
    return max((name for name in plugins if table.startswith(f"{name}_")), key=len, default="")


def _csv_of(table: str) -> str:
    columns = [column.name for column in database.get_columns(table)]
    names = ", ".join(f'"{column}"' for column in columns)
    # The names come from the database's own catalogue, never from input.
    return csv_text(columns, database.execute_sql(f'SELECT {names} FROM "{table}"').fetchall())


def install(config: Config, source: Path) -> Manifest:
    """Copy a plugin's folder, or unpack its zip archive, into ``instance/plugins``. It is not enabled by that.

    Raises PluginError when it is no plugin, Conflict when one of that name is there already.
    """
    target_root = config.instance / "plugins"
    target_root.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        item = manifest.read(source, "instance")
        return _place(config, target_root, item, lambda target: shutil.copytree(source, target))
    return _install_archive(config, source, target_root)


def _install_archive(config: Config, source: Path, target_root: Path) -> Manifest:
    incoming = target_root / f".incoming-{clock.now()}"
    try:
        with zipfile.ZipFile(source) as archive:
            _check_archive(archive)
            archive.extractall(incoming)
        found = sorted(incoming.rglob("plugin.toml"), key=lambda path: len(path.parts))
        if not found:
            raise PluginError(f"{source.name} holds no plugin.toml.")
        item = manifest.read(found[0].parent, "instance")
        return _place(config, target_root, item, lambda target: shutil.move(str(found[0].parent), target))
    except zipfile.BadZipFile as error:
        raise PluginError(f"{source.name} is no zip archive.") from error
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def _check_archive(archive: zipfile.ZipFile) -> None:
    size = 0
    for entry in archive.infolist():
        size += entry.file_size
        if entry.filename.startswith(("/", "\\")) or ".." in Path(entry.filename).parts or size > 100_000_000:
            raise PluginError(f"The archive is not acceptable at '{entry.filename}'.")


def _place(config: Config, root: Path, item: Manifest, put: Any) -> Manifest:
    if item.name in discover(config.instance).manifests:
        raise Conflict(f"A plugin named '{item.name}' is installed already.")
    target = root / item.name
    put(target)
    return manifest.read(target, "instance")


def overview(config: Config) -> list[dict[str, Any]]:
    """Every plugin for the features page and ``ecrm plugin list``: manifest, state, problem, what needs it."""
    discovered = discover(config.instance)
    rows = state.rows()
    enabled = [row.name for row in rows.values() if row.enabled]
    found = []
    for item in sorted(discovered.manifests.values(), key=lambda item: item.title.lower()):
        row = rows.get(item.name)
        found.append(
            {
                "manifest": item,
                "enabled": row is not None and row.enabled,
                "quarantined": row is not None and row.quarantined,
                "problem": row.problem if row is not None else "",
                "version": row.version if row is not None else "",
                "needed_by": dependants(item.name, enabled, discovered.manifests),
                "has_data": row is not None,
                "new_code": discovery.is_imported(item.name)
                and row is not None
                and row.version != item.version,
            }
        )
    return found


def first_plugins(config: Config) -> list[str]:
    """Plugins that a new instance starts with."""
    return [item.name for item in discover(config.instance).manifests.values() if item.enabled_at_first]


def to_json(overview_rows: list[dict[str, Any]], unreadable: dict[str, str]) -> str:
    """The overview as JSON for scripts; ``unreadable``: folders without a valid manifest and why, without version."""
    listed = [
        {
            "name": row["manifest"].name,
            "version": row["manifest"].version,
            "enabled": row["enabled"],
            "problem": row["problem"],
        }
        for row in overview_rows
    ]
    listed += [
        {"name": name, "version": None, "enabled": False, "problem": reason}
        for name, reason in sorted(unreadable.items())
    ]
    return json.dumps(listed, indent=2)
