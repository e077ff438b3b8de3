"""One migration history per part of the product; an automatic backup before anything changes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from playhouse.migrations import Runner

from ecrm_server.data import database
from ecrm_server.errors import PluginError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class History:
    """A part's migrations: the folder and the name of the table that records them."""

    part: str
    folder: Path

    @property
    def table(self) -> str:
        return f"{self.part}_migration"

    def runner(self) -> Runner:
        return Runner(database.obj, str(self.folder), table_name=self.table)

    def pending(self) -> list[str]:
        """Names of the migrations that have not run."""
        if not self.folder.is_dir():
            return []
        return [item.name for item in self.runner().status() if item.path is not None and not item.applied]


def histories(parts: Iterable[tuple[str, Path]]) -> list[History]:
    """The histories of parts (name, folder), leaving out parts without migrations."""
    found = [History(name, folder / "migrations") for name, folder in parts]
    return [history for history in found if history.folder.is_dir()]


def migrate(which: Iterable[History], *, before: Callable[[], object] | None = None) -> list[str]:
    """Apply what is pending, part by part; ``before`` (the backup) runs once, only when something is pending.

    Each migration is one transaction: a failing one leaves schema and history as they were and raises PluginError.
    """
    pending = [(history, names) for history in which if (names := history.pending())]
    if pending and before is not None:
        before()
    applied: list[str] = []
    for history, _names in pending:
        try:
            applied.extend(f"{history.part}.{name}" for name in history.runner().up())
        except Exception as error:
            raise PluginError(
                f"A migration of {history.part} failed: {type(error).__name__}: {error}."
            ) from error
    if applied:
        log.info("migrated", extra={"applied": applied})
    return applied


def revert_all(history: History) -> None:
    """Undo every migration of a part (purge); its tables are gone afterwards."""
    runner = history.runner()
    while any(item.applied for item in runner.status()):
        runner.down()
    runner.History.drop_table()
