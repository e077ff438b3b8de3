"""What a plugin needs to import something, under one name in the API."""

from __future__ import annotations

from ecrm_server.data.bulk import insert_many, select_by_key
from ecrm_server.events.outbox import emit_all
from ecrm_server.importing.changes import forget
from ecrm_server.importing.counts import Counts
from ecrm_server.importing.kind import NEW, Added, Change, Field, Found, Refused, Written
from ecrm_server.importing.problems import InputError, Problem, Problems, TooManyProblemsError
from ecrm_server.importing.progress import Progress, progress
from ecrm_server.importing.records import (
    Attribute,
    RecordReader,
    boolean,
    filled,
    integer,
    moment,
    small,
    text,
)
from ecrm_server.importing.run import CHUNK, Phase, Run, begin, carry_out, digest_of
from ecrm_server.importing.uids import imported_uid
from ecrm_server.importing.xmlrows import check_prolog, read_rows, row_label

__all__ = [
    "CHUNK",
    "NEW",
    "Added",
    "Attribute",
    "Change",
    "Counts",
    "Field",
    "Found",
    "InputError",
    "Phase",
    "Problem",
    "Problems",
    "Progress",
    "RecordReader",
    "Refused",
    "Run",
    "TooManyProblemsError",
    "Written",
    "begin",
    "boolean",
    "carry_out",
    "check_prolog",
    "digest_of",
    "emit_all",
    "filled",
    "forget",
    "imported_uid",
    "insert_many",
    "integer",
    "moment",
    "progress",
    "read_rows",
    "row_label",
    "select_by_key",
    "small",
    "text",
]
