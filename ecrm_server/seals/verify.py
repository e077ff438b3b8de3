"""Checking a chain: every seal, and every record against the seal that holds it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from ecrm_server.data import Prepared, transaction
from ecrm_server.seals.chain import GENESIS, Chain, batch_digest, commit

STEP = 200
"""Seals read at a time."""
MOST_FAULTS = 100
"""After so many the report is long enough; counting goes on."""

_SEALS = Prepared(
    "SELECT number, at, records, previous, digest FROM seal WHERE chain = ? AND number > ? ORDER BY number"
    f" LIMIT {STEP}"
)
_HEAD = Prepared("SELECT number, digest FROM seal_chain WHERE name = ?", lock=True)

FaultKind = Literal["altered", "removed", "inserted", "seal"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not fit. ``record`` is the public key of the row at fault, empty for a fault of the seal."""

    kind: FaultKind
    seal: int
    record: str
    sentence: str


@dataclass(slots=True)
class Report:
    """What a verification found. ``head`` is the digest of the last seal: whoever noted it can ask for it later."""

    chain: str
    seals: int = 0
    records: int = 0
    pending: int = 0
    head: str = GENESIS
    fault_count: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.fault_count == 0

    def add(self, kind: FaultKind, seal: int, record: str, sentence: str) -> None:
        self.fault_count += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(kind, seal, record, sentence))


def verify(chain: Chain, *, noted_head: str = "") -> Report:
    """Verify a whole chain in one consistent view and name every row that was altered, removed or inserted.

    noted_head: a digest noted after an earlier verification; that it is missing now shows that seals were cut off or
    the chain was rewritten.
    """
    with transaction():
        return _verify(chain, noted_head)


def _verify(chain: Chain, noted_head: str) -> Report:
    report = Report(chain.name)
    head = _HEAD.row(chain.name)  # its lock keeps new seals out until the transaction ends
    head_seen = not noted_head
    number = 0
    for seal in _seals(chain):
        if seal["number"] != number + 1:
            report.add("seal", number + 1, "", f"Seal {number + 1} is missing.")
        number = seal["number"]
        records = json.loads(seal["records"])
        if seal["previous"] != report.head:
            report.add("seal", number, "", f"Seal {number} does not follow the seal before it.")
        if batch_digest(chain.name, number, seal["previous"], records) != seal["digest"]:
            report.add("seal", number, "", f"Seal {number} was altered.")
        report.head = seal["digest"]
        head_seen = head_seen or report.head == noted_head
        report.seals += 1
        _records(chain, number, dict(records), seal["rows"], report)
    _ends(chain, head, number, report)
    if not head_seen:
        report.add("seal", number, "", f"No seal has the noted digest {noted_head}.")
    return report


def _seals(chain: Chain) -> Iterator[dict[str, Any]]:
    """Every seal with its records as they are now under ``rows``, a few hundred at a time."""
    columns = ", ".join(chain.read_columns)
    select = Prepared(f"SELECT {columns} FROM {chain.table} WHERE seal > ? AND seal <= ?")
    after = 0
    while seals := _SEALS.rows(chain.name, after):
        last = seals[-1]["number"]
        rows: dict[int, list[dict[str, Any]]] = {}
        for row in select.rows(after, last):
            rows.setdefault(row["seal"], []).append(row)
        for seal in seals:
            yield seal | {"rows": rows.pop(seal["number"], [])}
        after = last


def _records(
    chain: Chain, number: int, sealed: dict[str, str], rows: list[dict[str, Any]], report: Report
) -> None:
    for row in rows:
        key = row[chain.key]
        expected = sealed.pop(key, None)
        report.records += 1
        if expected is None:
            report.add("inserted", number, key, f"Record {key} was inserted after seal {number} was made.")
        elif chain.digest(row) != expected:
            report.add("altered", number, key, f"Record {key} was altered.")
        else:
            _personal(chain, number, key, row, report)
    for key in sealed:
        report.add("removed", number, key, f"Record {key} was removed.")


def _personal(chain: Chain, number: int, key: str, row: dict[str, Any], report: Report) -> None:
    """Personal fields must fit their commitment, or be erased together with their salt."""
    for item in chain.commitments:
        values = [row[name] for name in item.fields]
        salt = row[item.salt]
        fits = (
            all(value is None for value in values)
            if salt is None
            else commit(salt, values) == row[item.column]
        )
        if not fits:
            names = ", ".join(item.fields)
            report.add("altered", number, key, f"Record {key} was altered in {names}.")


def _ends(chain: Chain, head: dict[str, Any] | None, last: int, report: Report) -> None:
    """What lies behind the last seal: rows that name a seal that is not there, the head, and what is not sealed yet."""
    stray = Prepared(
        f"SELECT {chain.key}, seal FROM {chain.table} WHERE seal > ? OR seal < 1 LIMIT {MOST_FAULTS}"
    )
    for key, number in stray.tuples(last):
        report.add("inserted", number, key, f"Record {key} names seal {number}, which is not there.")
    if head is None:
        if report.seals and _HEAD.row(chain.name) is None:  # else the first seal was made meanwhile
            report.add("seal", last, "", "The head of the chain is missing.")
    elif (head["number"], head["digest"]) != (last, report.head):
        report.add("seal", head["number"], "", f"The last seal must be {head['number']}, but it is {last}.")
    report.pending = Prepared(f"SELECT count(*) FROM {chain.table} WHERE seal IS NULL").value()
