"""Bringing data in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server.hookspecs import hookspec

if TYPE_CHECKING:
    from ecrm_server.importing.kind import ImportKind


@hookspec
def imports() -> list[ImportKind]:
    """Declaration. The kinds of objects that CSV and XLSX files bring, in the administration and by ``ecrm import``.

    The kind says which fields there are, finds what is there already and writes; the engine does everything else:
    mapping, conversion, dry run, progress, the file of failed rows, resuming and undoing.

    Example::

        @hookimpl
        def imports():
            return [importing.PARCELS]
    """
