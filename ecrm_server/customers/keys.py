"""Under what customers and organisations are found, as keys in a table of their own: quick among very many, and apart
by kind, so that a role that may not read e-mail addresses does not find anybody by them.

What staff and people change is written at once by a subscriber. An import only notes which rows it wrote; a job
writes their keys when it is quiet again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

import peewee

from ecrm_server import clock
from ecrm_server.customers.facts import SUBJECTS, Subject
from ecrm_server.data import Prepared, transaction
from ecrm_server.data.bulk import by_index, insert_many, select_by_key
from ecrm_server.search.tokens import tokens

if TYPE_CHECKING:
    from ecrm_server.jobs.run import Run

NAME, EMAIL, PHONE, NUMBER = "n", "e", "p", "u"
FACTS: Mapping[str, str] = {NAME: "name", EMAIL: "email", PHONE: "phone", NUMBER: "number"}
"""Kind of key -> the fact that one must be allowed to read to find by it."""
WORDS = 12
CHUNK = 500
QUIET = 5 * clock.SECOND
"""The job waits until an import has not written for so long."""

_ROWS = {
    s: f"SELECT id, name, number_key, email_key, phone_key, merged_into_id FROM {s} WHERE id IN {{keys}}"
    for s in SUBJECTS
}
_POINTS = {s: f"SELECT {s}_id, kind, value_key FROM contact_point WHERE {s}_id IN {{keys}}" for s in SUBJECTS}
_KNOWN = {s: f"SELECT {s}_id, kind, key FROM {s}_key WHERE {s}_id IN {{keys}}" for s in SUBJECTS}
_DROP = {s: Prepared(f"DELETE FROM {s}_key WHERE kind = ? AND key = ? AND {s}_id = ?") for s in SUBJECTS}
_IDS = {s: f"SELECT id FROM {s} WHERE uid IN {{keys}}" for s in SUBJECTS}
_ENDS = {s: Prepared(f"SELECT MIN(id), MAX(id) FROM {s} WHERE uid IN (?, ?)") for s in SUBJECTS}
_BETWEEN = {
    s: Prepared(f"SELECT id FROM {s} WHERE id BETWEEN ? AND ? ORDER BY id LIMIT {CHUNK}") for s in SUBJECTS
}
_NOTE = Prepared("INSERT INTO customer_key_due (subject, first_id, last_id, created_at) VALUES (?, ?, ?, ?)")
_NEWEST = Prepared("SELECT MAX(created_at) FROM customer_key_due")
_DUE = Prepared("SELECT id, subject, first_id, last_id FROM customer_key_due ORDER BY id LIMIT 1")
_GO_ON = Prepared("UPDATE customer_key_due SET first_id = ? WHERE id = ?")
_FORGET = Prepared(
    "DELETE FROM customer_key WHERE customer_id IN (SELECT id FROM customer WHERE account_id = ?)"
)
_DONE = Prepared("DELETE FROM customer_key_due WHERE id = ?")


def write(subject: Subject, row_ids: Collection[int], *, alone: bool = False) -> None:
    """Bring the keys of rows up to date, in the caller's transaction. Merged rows have none.

    alone: take it that nobody else writes them at the same time, which is quicker; else IntegrityError is raised.
    """
    wanted: dict[int, set[tuple[str, str]]] = {row_id: set() for row_id in row_ids}
    for row_id, name, number, email, phone, merged in select_by_key(_ROWS[subject.name], row_ids):
        if merged is None:
            wanted[row_id] = set(_of_row(name, number, email, phone))
    there = [row_id for row_id, keys in wanted.items() if keys]
    for row_id, kind, value in select_by_key(_POINTS[subject.name], there):
        wanted[row_id].add(_point(kind, value))
    for row_id, kind, key in select_by_key(_KNOWN[subject.name], row_ids):
        if (kind, key) in wanted[row_id]:
            wanted[row_id].remove((kind, key))
        else:
            _DROP[subject.name].run(kind, key, row_id)
    insert_many(
        f"{subject.table}_key",
        ("kind", "key", subject.column),
        [(*key, row_id) for row_id, keys in wanted.items() for key in sorted(keys)],
        conflict="" if alone else f"(kind, key, {subject.column}) DO NOTHING",
    )


def write_for(subject: Subject, *uids: str) -> None:
    """Bring the keys of customers or organisations up to date, by their public ids."""
    with transaction():
        write(subject, [row[0] for row in select_by_key(_IDS[subject.name], uids)])


def _of_row(name: str, number: str | None, email: str | None, phone: str | None) -> Iterable[tuple[str, str]]:
    for word in tokens(name)[:WORDS]:
        yield NAME, word
    if number:
        yield NUMBER, number
    if email:
        yield EMAIL, email
    if phone:
        yield PHONE, phone[::-1]


def _point(kind: str, value: str) -> tuple[str, str]:
    return (PHONE, value[::-1]) if kind == "phone" else (EMAIL, value)


def note_new(subject: Subject, uids: list[str]) -> None:
    """Note rows that an import wrote one after the other, in its transaction; their keys are written later."""
    first, last = _ENDS[subject.name].tuples(uids[0], uids[-1])[0]
    _NOTE.run(subject.name, first, last, clock.now())


def note_changed(subject: Subject, row_ids: Collection[int]) -> None:
    """Note rows that an import changed."""
    now = clock.now()
    rows = [(subject.name, row_id, row_id, now) for row_id in row_ids]
    insert_many("customer_key_due", ("subject", "first_id", "last_id", "created_at"), rows)


FOUND_BY = frozenset({*FACTS.values(), "account"})
"""The facts by which one is found; with an account come its name and address."""


def catch_up(run: Run) -> None:
    """Write the keys of rows that imports noted."""
    newest = _NEWEST.value()
    if newest is None or clock.now() - newest < QUIET:
        return
    done = 0
    with by_index():
        while (wrote := _go_on()) is not None:
            done += wrote
            run.progress(done)
            run.check()


def _go_on() -> int | None:
    try:
        return _next(alone=True)
    except peewee.IntegrityError:  # somebody changed one of them at the same moment
        return _next(alone=False)


def _next(*, alone: bool) -> int | None:
    """Write the keys of the next rows. Returns how many these were, None when nothing is left."""
    with transaction():
        due = _DUE.row()
        if due is None:
            return None
        subject = SUBJECTS[due["subject"]]
        row_ids = [row[0] for row in _BETWEEN[subject.name].tuples(due["first_id"], due["last_id"])]
        write(subject, row_ids, alone=alone)
        if len(row_ids) < CHUNK:
            _DONE.run(due["id"])
        else:
            _GO_ON.run(row_ids[-1] + 1, due["id"])
        return len(row_ids)


def forget(account_id: int) -> None:
    """Forget under what a customer was found, in the caller's transaction."""
    _FORGET.run(account_id)
