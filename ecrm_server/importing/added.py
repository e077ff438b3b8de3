"""Objects of other kinds that an import made because its rows named them."""

from __future__ import annotations

from collections.abc import Sequence

from ecrm_server.importing import changes
from ecrm_server.importing.changes import Note, digest
from ecrm_server.importing.counts import Counts
from ecrm_server.importing.kind import UID, Added
from ecrm_server.kernel import current


def remember_added(run: int, added: Sequence[tuple[int, Added]], counts: Counts) -> None:
    """Note and count what was made, each with the number of its row. It is noted before what names it, so that undo,
    which goes backwards, comes to it last."""
    for kind in dict.fromkeys(item.kind for _, item in added):
        own = [(number, item) for number, item in added if item.kind == kind]
        found = current.generation().registry.imports[kind].find(UID, [item.uid for _, item in own])
        wholes = {item.uid: changes.whole(item.values) for _, item in found}
        changes.write(
            run,
            kind,
            [
                Note(
                    number, item.uid, changes.CREATED, {changes.WHOLE: wholes.get(item.uid, "")},
                    {name: digest(value) for name, value in item.values.items()},
                )
                for number, item in own
            ],
        )  # fmt: skip
        counts.add(f"{kind} added", len(own))
