"""Customers, or organisations, that may be one: candidates with their reasons.

The same e-mail address, phone, name and the like find a pair by an index; similar names are compared in one postcode.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from ecrm_server import clock, ids
from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.audit.services import record
from ecrm_server.customers import firms, visibility
from ecrm_server.customers.facts import CUSTOMER, SUBJECTS, Subject
from ecrm_server.customers.matching import SIGNS, THRESHOLD, WORDS, Signs, alike, judge, seen
from ecrm_server.customers.merging import MERGE
from ecrm_server.customers.reading import prepared
from ecrm_server.data import Prepared, transaction
from ecrm_server.data.bulk import by_index, insert_many, select_by_key
from ecrm_server.errors import NotFound
from ecrm_server.jobs.run import Run
from ecrm_server.jobs.services import enqueue

MOST = 30
"""Rows that share one value; a value that more share tells nothing (a switchboard's phone, a common name)."""
_TOO_MANY = 10 * MOST
"""Rows that are not even read; merged ones are among them."""
_BATCH = 300
_KEPT_FROM = 500
"""Pairs that are read for somebody who may not see some of the reasons."""

_COLUMNS = ("uid", "subject", "first_id", "second_id", "score", "reasons", "state", "found_at")
_ANEW = (
    "(subject, first_id, second_id) DO UPDATE SET score = excluded.score, reasons = excluded.reasons"
    " WHERE duplicate_pair.state = 'open'"
)
_DROP = Prepared("DELETE FROM duplicate_pair WHERE id = ? AND state = 'open'")
_DISMISS = Prepared(
    "UPDATE duplicate_pair SET state = 'dismissed', decided_at = ? WHERE uid = ? AND state = 'open'"
)
_PAIRS = (
    "SELECT d.uid, d.score, d.reasons, t.uid AS first_uid, t.name AS first_name, t.city AS first_city,"
    " s.uid AS second_uid, s.name AS second_name, s.city AS second_city FROM duplicate_pair d"
    " JOIN {table} t ON t.id = d.first_id JOIN {table} s ON s.id = d.second_id"
    " WHERE d.subject = ? AND d.state = 'open' AND t.merged_into_id IS NULL AND s.merged_into_id IS NULL"
)

Pair = tuple[int, int]


def look(subject: Subject, row_ids: Sequence[int]) -> int:
    """Look for others that may be one of these, and store the pairs. Returns how many pairs there are."""
    signs = SIGNS[subject.name]
    pairs = _candidates(signs, row_ids)
    known = _facts(signs, {row_id for pair in pairs for row_id in pair} | set(row_ids))
    found: dict[Pair, tuple[list[str], int]] = {}
    for first, second in sorted(pairs):
        if first in known and second in known:
            reasons, score = judge(signs, known[first], known[second])
            if score >= THRESHOLD:
                found[first, second] = (reasons, score)
    with transaction():
        for pair_id, first, second in _open(subject, row_ids):
            if (first, second) not in found:
                _DROP.run(pair_id)
        now = clock.now()
        rows = [
            (ids.public_id(), subject.name, *pair, score, json.dumps(reasons), "open", now)
            for pair, (reasons, score) in found.items()
        ]
        insert_many("duplicate_pair", _COLUMNS, rows, conflict=_ANEW)
    return len(found)


def _open(subject: Subject, row_ids: Sequence[int]) -> set[tuple[int, int, int]]:
    """(key, first, second) of the pairs of these rows that nobody decided about."""
    open_pairs = "SELECT id, first_id, second_id FROM duplicate_pair WHERE subject = ? AND state = 'open'"
    return {
        (row[0], row[1], row[2])
        for column in ("first_id", "second_id")
        for row in select_by_key(f"{open_pairs} AND {column} IN {{keys}}", row_ids, subject.name)
    }


def _facts(signs: Signs, row_ids: set[int]) -> dict[int, dict[str, Any]]:
    """What is compared of each: its columns, and the values of ``signs.shared`` as sets, further contacts included."""
    subject, columns = signs.subject, signs.columns
    account = "t.account_id" if subject is CUSTOMER else "NULL"
    names = (*columns, "account", "postcode", "street")
    read = ", ".join(f"t.{column}" for column in columns)
    rows = select_by_key(
        f"SELECT {read}, {account}, NULL, NULL FROM {subject.table} t"
        " WHERE t.merged_into_id IS NULL AND NOT t.demo AND t.id IN {keys}",
        row_ids,
    )
    known = {row[0]: dict(zip(names, row, strict=True)) for row in rows}
    addresses = select_by_key(
        f"SELECT {subject.column}, postcode, street FROM address WHERE main AND {subject.column} IN {{keys}}", known
    )
    for row_id, postcode, street in addresses:
        known[row_id] |= {"postcode": postcode, "street": street}
    for facts in known.values():
        for reason, shared in signs.shared.items():
            facts[reason] = {facts[column] for column in shared} - {None}
    points = select_by_key(
        f"SELECT {subject.column}, kind, value_key FROM contact_point WHERE {subject.column} IN {{keys}}",
        known,
    )
    for row_id, kind, key in points:
        known[row_id][kind].add(key)
        if kind == "email" and "domain" in signs.shared:
            known[row_id]["domain"] |= {firms.mail_domain(key)} - {None}
    return known


def _candidates(signs: Signs, row_ids: Sequence[int]) -> set[Pair]:
    pairs = _sharing_points(signs.subject, row_ids) | _similar(signs, row_ids)
    for columns in signs.candidates:
        pairs |= _sharing(signs.subject, columns, row_ids)
    return pairs


def _sharing(subject: Subject, columns: Sequence[str], row_ids: Sequence[int]) -> set[Pair]:
    """Pairs with the same value in any of these columns."""
    values: set[Any] = set()
    for column in columns:
        values |= {
            row[0]
            for row in select_by_key(
                f"SELECT DISTINCT {column} FROM {subject.table} WHERE {column} IS NOT NULL AND id IN {{keys}}",
                row_ids,
            )
        }
    shared = _shared(subject, columns, values)
    return _together([row for column in columns for row in _with(subject, column, shared)], set(row_ids))


def _shared(subject: Subject, columns: Sequence[str], values: Collection[Any]) -> list[Any]:
    """Those of some values that a few rows have, by the indexes alone: merged ones count here too."""
    counted: Counter[Any] = Counter()
    for column in columns:
        sql = f"SELECT {column}, COUNT(*) FROM {subject.table} WHERE {column} IN {{keys}} GROUP BY {column}"
        counted.update(dict(select_by_key(sql, values)))
    return [value for value, count in counted.items() if 1 < count <= _TOO_MANY]


def _with(subject: Subject, column: str, values: Collection[Any]) -> Iterable[tuple[Any, ...]]:
    """(value, key of the row) of those who have one of these values."""
    return select_by_key(
        f"SELECT {column}, id FROM {subject.table} WHERE merged_into_id IS NULL AND NOT demo AND {column} IN {{keys}}",
        values,
    )


def _sharing_points(subject: Subject, row_ids: Sequence[int]) -> set[Pair]:
    """Pairs where a further e-mail address or phone of one is a further or the main one of the other."""
    column = subject.column
    of = select_by_key(f"SELECT value_key FROM contact_point WHERE {column} IN {{keys}}", row_ids)
    mains = select_by_key(f"SELECT email_key, phone_key FROM {subject.table} WHERE id IN {{keys}}", row_ids)
    values = {row[0] for row in of} | {key for keys in mains for key in keys if key}
    rows = list(
        select_by_key(
            f"SELECT value_key, {column} FROM contact_point WHERE {column} IS NOT NULL AND value_key IN {{keys}}",
            values,
        )
    )
    for main in ("email_key", "phone_key") if rows else ():
        rows += _with(subject, main, {row[0] for row in rows})
    return _together(rows, set(row_ids))


def _similar(signs: Signs, row_ids: Sequence[int]) -> set[Pair]:
    """Pairs of one postcode whose names are similar."""
    subject = signs.subject
    places = select_by_key(
        f"SELECT DISTINCT postcode FROM address WHERE postcode <> '' AND main AND {subject.column} IN {{keys}}",
        row_ids,
    )
    rows = list(
        select_by_key(
            f"SELECT a.postcode, t.id, t.{signs.bare} FROM address a"
            f" JOIN {subject.table} t ON t.id = a.{subject.column}"
            " WHERE a.main AND t.merged_into_id IS NULL AND a.postcode IN {keys}",
            [row[0] for row in places],
        )
    )
    names = {row[1]: row[2] for row in rows}
    return {
        pair for pair in _together([row[:2] for row in rows], set(row_ids), most=200)
        if alike(names[pair[0]], names[pair[1]])
    }  # fmt: skip


def _together(rows: Iterable[tuple[Any, ...]], wanted: set[int], *, most: int = MOST) -> set[Pair]:
    by_value: dict[Any, set[int]] = {}
    for value, row_id in rows:
        by_value.setdefault(value, set()).add(row_id)
    return {
        (min(one, other), max(one, other))
        for members in by_value.values()
        if 1 < len(members) <= most
        for one in members & wanted
        for other in members
        if one != other
    }


def look_at(subject: Subject, uid: str) -> None:
    """Look at one anew, because it was made or changed."""
    row_id = prepared(f"SELECT id FROM {subject.table} WHERE uid = ?").value(uid)
    if row_id is not None:
        look(subject, [row_id])


def ask_for_scan(actor: Actor) -> str:
    """Have all compared by a job now; one that waits already will do. Returns its public id."""
    require(actor, MERGE)
    return enqueue("customers.find_duplicates", created_by=actor.account_id, unique=True, asked=True)


def scan(run: Run) -> None:
    """The job that looks at all customers and organisations, in steps."""
    done, pairs = 0, 0
    with by_index():
        for subject in SUBJECTS.values():
            for row_ids in _in_steps(subject):
                run.check()
                pairs += look(subject, row_ids)
                done += len(row_ids)
                run.progress(done, message=f"candidates: {pairs}")


def _in_steps(subject: Subject) -> Iterator[list[int]]:
    """All of them: those of one postcode together, for they are compared with each other; then those without one."""
    column = subject.column
    placed = prepared(
        f"SELECT {column}, postcode, id FROM address WHERE main AND {column} IS NOT NULL AND (postcode, id) > (?, ?)"
        " ORDER BY postcode, id LIMIT ?"
    )
    place: tuple[str, int] = ("", 0)
    while rows := placed.tuples(*place, _BATCH):
        yield [row[0] for row in rows]
        place = rows[-1][1:]
    others = prepared(
        f"SELECT t.id FROM {subject.table} t WHERE t.id > ? AND t.merged_into_id IS NULL AND NOT EXISTS"
        f" (SELECT 1 FROM address a WHERE a.{column} = t.id AND a.main) ORDER BY t.id LIMIT ?"
    )
    after = 0
    while row_ids := [row[0] for row in others.tuples(after, _BATCH)]:
        yield row_ids
        after = row_ids[-1]


def listed(
    actor: Actor, subject: Subject, *, of: int | None = None, uid: str = "", limit: int = 50
) -> list[dict[str, Any]]:
    """Candidates of whom the actor sees both, and enough to think so, the surest first.

    of: only those of one (key of its row). uid: only this pair.
    """
    if not actor.may(MERGE):
        return []
    one, other = visibility.scope(actor), visibility.scope(actor, "s")
    where = f"{_PAIRS.format(table=subject.table)} AND {one.text} AND {other.text}"
    params = [subject.name, *one.params, *other.params]
    if of is not None:
        where, params = f"{where} AND (d.first_id = ? OR d.second_id = ?)", [*params, of, of]
    if uid:
        where, params = f"{where} AND d.uid = ?", [*params, uid]
    hidden = visibility.hidden(actor, subject)
    order = f"ORDER BY d.score DESC, d.id LIMIT {_KEPT_FROM if hidden else limit}"
    rows = map(_as_seen(SIGNS[subject.name], hidden), prepared(f"{where} {order}").rows(*params))
    return sorted((row for row in rows if row["score"] >= THRESHOLD), key=lambda row: -row["score"])[:limit]


def _as_seen(signs: Signs, hidden: frozenset[str]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The function that gives a row its reasons in words, and takes from it what is hidden."""
    empty = {"first_city": None, "second_city": None} if "city" in hidden else {}

    def show(row: dict[str, Any]) -> dict[str, Any]:
        reasons, score = seen(signs, json.loads(row["reasons"]), row["score"], hidden)
        return row | empty | {"reasons": [WORDS[reason] for reason in reasons], "score": score}

    return show


def dismiss(actor: Actor, subject: Subject, uid: str) -> None:
    """They are two: do not propose this pair again."""
    require(actor, MERGE)
    if not listed(actor, subject, uid=uid):
        raise NotFound()
    with transaction():
        _DISMISS.run(clock.now(), uid)
        record("customers.duplicate_dismissed", actor=actor, obj_kind="duplicate_pair", obj_uid=uid)
