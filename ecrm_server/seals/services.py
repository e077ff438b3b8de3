"""Sealing what was written since the last seal. Writers never wait for it and are not serialised."""

from __future__ import annotations

import json

from ecrm_server import clock
from ecrm_server.data import Prepared, transaction
from ecrm_server.seals.chain import GENESIS, Chain, batch_digest
from ecrm_server.seals.verify import Fault, Report, verify

BATCH = 500
"""Most records of one seal."""

_START = Prepared(
    "INSERT INTO seal_chain (name, number, digest) VALUES (?, 0, ?) ON CONFLICT (name) DO NOTHING"
)
_LOCK = Prepared("UPDATE seal_chain SET number = number WHERE name = ? RETURNING number, digest")
_HEAD = Prepared("UPDATE seal_chain SET number = ?, digest = ? WHERE name = ?")
_SEAL = Prepared("INSERT INTO seal (chain, number, at, records, previous, digest) VALUES (?, ?, ?, ?, ?, ?)")


def seal_pending(chain: Chain) -> int:
    """Seal every committed record that no seal holds yet. Returns how many.

    What is sealed is found by its empty mark, never by a highest id: on PostgreSQL a record with a smaller id may
    commit after one with a larger id, and is then part of the next seal.
    """
    total = 0
    while True:
        with transaction():
            count = _seal_batch(chain)
        total += count
        if count < BATCH:
            return total


def _seal_batch(chain: Chain) -> int:
    pending = Prepared(
        f"SELECT id, {', '.join(chain.sealed_columns)} FROM {chain.table} WHERE seal IS NULL ORDER BY id LIMIT {BATCH}"
    )
    if not pending.tuples():
        return 0
    _START.run(chain.name, GENESIS)
    head = _LOCK.row(chain.name)
    assert head is not None
    rows = pending.rows()  # read again under the lock: another process may have sealed them meanwhile
    if not rows:
        return 0
    number, previous = head["number"] + 1, head["digest"]
    records = [(row[chain.key], chain.digest(row)) for row in rows]
    digest = batch_digest(chain.name, number, previous, records)
    marks = ", ".join("?" * len(rows))
    Prepared(f"UPDATE {chain.table} SET seal = ? WHERE id IN ({marks})").run(
        number, *(row["id"] for row in rows)
    )
    _SEAL.run(chain.name, number, clock.now(), json.dumps(records), previous, digest)
    _HEAD.run(number, digest, chain.name)
    return len(rows)


__all__ = ["BATCH", "Fault", "Report", "seal_pending", "verify"]
