"""Reading and changing the state that generations are built from."""

from __future__ import annotations

from dataclasses import dataclass

from ecrm_server import clock
from ecrm_server.data import Prepared, transaction

NUMBER = Prepared("SELECT generation FROM site_state WHERE id = 1")
_BUMP = Prepared("UPDATE site_state SET generation = generation + 1 WHERE id = 1 RETURNING generation")
_ROWS = Prepared(
    "SELECT name, enabled, quarantined, problem, version, changed_at, disabled_at FROM plugin_state"
)
_ENABLE = Prepared(
    "INSERT INTO plugin_state (name, enabled, quarantined, problem, version, changed_at, disabled_at)"
    " VALUES (?, ?, ?, '', ?, ?, NULL) ON CONFLICT (name) DO UPDATE SET enabled = excluded.enabled,"
    " quarantined = excluded.quarantined, problem = '', version = excluded.version, changed_at = excluded.changed_at"
)
# The first time counts until the courier has settled it: a plugin that is quarantined and then switched off has missed
# everything since the quarantine.
_DISABLE = Prepared(
    "UPDATE plugin_state SET enabled = ?, changed_at = ?, disabled_at = COALESCE(disabled_at, ?)"
    " WHERE name = ? AND enabled = ?"
)
_QUARANTINE = Prepared(
    "UPDATE plugin_state SET quarantined = ?, problem = ?, changed_at = ?,"
    " disabled_at = COALESCE(disabled_at, ?) WHERE name = ?"
)
_PROBLEM = Prepared("UPDATE plugin_state SET problem = ? WHERE name = ? AND problem <> ?")
_DELETE = Prepared("DELETE FROM plugin_state WHERE name = ?")


@dataclass(frozen=True, slots=True)
class StateRow:
    """A row of plugin_state; times in milliseconds."""

    name: str
    enabled: bool
    quarantined: bool
    problem: str
    version: str
    changed_at: int
    disabled_at: int | None

    @property
    def active(self) -> bool:
        return self.enabled and not self.quarantined


def number() -> int:
    """The number of the generation that every process must serve."""
    return int(NUMBER.value())


def rows() -> dict[str, StateRow]:
    """The state of every plugin that was ever enabled, by name."""
    found = {}
    for row in _ROWS.rows():
        row["enabled"], row["quarantined"] = bool(row["enabled"]), bool(row["quarantined"])
        found[row["name"]] = StateRow(**row)
    return found


def bump() -> int:
    """Ask every process for a new generation, in the transaction that changes a setting, role or plugin."""
    return int(_BUMP.value())


def set_enabled(name: str, version: str) -> int:
    """Switch a plugin on; returns the number of the generation that will have it."""
    with transaction():
        _ENABLE.run(name, True, False, version, clock.now())
        return bump()


def set_disabled(name: str) -> int:
    """Switch a plugin off; its data stays."""
    with transaction():
        now = clock.now()
        _DISABLE.run(False, now, now, name, True)
        return bump()


def quarantine(name: str, problem: str) -> int:
    """Take a faulty plugin out of every process until an admin tries it again."""
    with transaction():
        now = clock.now()
        _QUARANTINE.run(True, problem[-8000:], now, now, name)
        return bump()


def note_problem(name: str, problem: str) -> None:
    """Write the reason on the plugin's card."""
    _PROBLEM.run(problem[-8000:], name, problem[-8000:])


def forget(name: str) -> int:
    """Remove a purged plugin's row."""
    with transaction():
        _DELETE.run(name)
        return bump()
