"""Customers that may be one: candidates with their reasons.

The same e-mail address, phone or name finds a pair by an index; similar names are compared within one town or postcode.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ecrm_server import clock, ids
from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.audit.services import record
from ecrm_server.customers import visibility
from ecrm_server.customers.merging import MERGE
from ecrm_server.data import Prepared, transaction
from ecrm_server.data.bulk import select_by_key
from ecrm_server.errors import NotFound
from ecrm_server.jobs.run import Run

SCORES = {
    "email": 60, "phone": 35, "name": 40, "similar_name": 25, "address": 30, "city": 5, "birthday": 25,
}  # fmt: skip
"""What each reason counts; a pair of 50 and more is a candidate."""
WORDS = {
    "email": "The same e-mail address", "phone": "The same phone", "name": "The same name",
    "similar_name": "Similar names", "address": "The same address", "city": "The same city",
    "birthday": "The same birthday",
}  # fmt: skip
THRESHOLD = 50
OTHER_BIRTHDAY = -60
SIMILAR = 0.86
"""From this ratio of ``difflib`` on, names are similar; their words are sorted first."""
MOST = 30
"""Customers that share one value; a value that more share tells nothing (a switchboard's phone, a common name)."""
_BATCH = 300

_FACTS = (
    "SELECT t.id, t.name_key, t.email_key, t.phone_key, t.city_key, t.birthday, t.account_id, a.postcode, a.street"
    " FROM customer t LEFT JOIN address a ON a.customer_id = t.id AND a.main"
    " WHERE t.merged_into_id IS NULL AND NOT t.demo AND t.id IN {keys}"
)
_SHARED = {
    "email": "email_key", "phone": "phone_key", "name": "name_key",
}  # fmt: skip
_STORE = Prepared(
    "INSERT INTO duplicate_pair (uid, subject, first_id, second_id, score, reasons, state, found_at)"
    " VALUES (?, 'customer', ?, ?, ?, ?, 'open', ?) ON CONFLICT (subject, first_id, second_id) DO UPDATE"
    " SET score = excluded.score, reasons = excluded.reasons WHERE duplicate_pair.state = 'open'"
)
_DROP = Prepared("DELETE FROM duplicate_pair WHERE id = ? AND state = 'open'")
_DISMISS = Prepared(
    "UPDATE duplicate_pair SET state = 'dismissed', decided_at = ? WHERE uid = ? AND state = 'open'"
)
_NEXT = Prepared("SELECT id FROM customer WHERE id > ? AND merged_into_id IS NULL ORDER BY id LIMIT ?")
_ID = Prepared("SELECT id FROM customer WHERE uid = ?")
_PAIRS = (
    "SELECT d.uid, d.score, d.reasons, t.uid AS first_uid, t.name AS first_name, t.city AS first_city,"
    " s.uid AS second_uid, s.name AS second_name, s.city AS second_city FROM duplicate_pair d"
    " JOIN customer t ON t.id = d.first_id JOIN customer s ON s.id = d.second_id"
    " WHERE d.subject = 'customer' AND d.state = 'open' AND t.merged_into_id IS NULL AND s.merged_into_id IS NULL"
)


def look(row_ids: Sequence[int]) -> int:
    """Look for others that may be one of these, and store the pairs. Returns how many pairs there are."""
    pairs = _candidates(row_ids)
    wanted = {row_id for pair in pairs for row_id in pair} | set(row_ids)
    known = _facts(wanted)
    found: dict[tuple[int, int], tuple[list[str], int]] = {}
    for first, second in sorted(pairs):
        if first in known and second in known:
            reasons, score = judge(known[first], known[second])
            if score >= THRESHOLD:
                found[first, second] = (reasons, score)
    with transaction():
        for pair_id, first, second in _open(row_ids):
            if (first, second) not in found:
                _DROP.run(pair_id)
        for (first, second), (reasons, score) in found.items():
            _STORE.run(ids.public_id(), first, second, score, json.dumps(reasons), clock.now())
    return len(found)


def _open(row_ids: Sequence[int]) -> set[tuple[int, int, int]]:
    """(key, first, second) of the pairs of these customers that nobody decided about."""
    open_pairs = (
        "SELECT id, first_id, second_id FROM duplicate_pair WHERE subject = 'customer' AND state = 'open'"
    )
    return {
        (row[0], row[1], row[2])
        for column in ("first_id", "second_id")
        for row in select_by_key(f"{open_pairs} AND {column} IN {{keys}}", row_ids)
    }


def _facts(row_ids: set[int]) -> dict[int, dict[str, Any]]:
    """What is compared of each: its facts, with all its e-mail addresses and phones as sets."""
    names = ("id", "name", "email", "phone", "city", "birthday", "account", "postcode", "street")
    known = {row[0]: dict(zip(names, row, strict=True)) for row in select_by_key(_FACTS, row_ids)}
    for facts in known.values():
        for kind in ("email", "phone"):
            facts[kind] = {facts[kind]} - {None}
    points = select_by_key(
        "SELECT customer_id, kind, value_key FROM contact_point WHERE customer_id IN {keys}", known
    )
    for row_id, kind, key in points:
        known[row_id][kind].add(key)
    return known


def _candidates(row_ids: Sequence[int]) -> set[tuple[int, int]]:
    pairs: set[tuple[int, int]] = set()
    for column in _SHARED.values():
        pairs |= _sharing(column, row_ids)
    pairs |= _sharing_points(row_ids)
    return pairs | _similar(row_ids)


def _sharing(column: str, row_ids: Sequence[int]) -> set[tuple[int, int]]:
    """Pairs with the same value in a column."""
    values = [
        row[0]
        for row in select_by_key(
            f"SELECT DISTINCT {column} FROM customer WHERE {column} IS NOT NULL AND id IN {{keys}}", row_ids
        )
    ]
    rows = select_by_key(
        f"SELECT {column}, id FROM customer WHERE merged_into_id IS NULL AND NOT demo AND {column} IN {{keys}}",
        values,
    )
    return _together(rows, set(row_ids))


def _sharing_points(row_ids: Sequence[int]) -> set[tuple[int, int]]:
    """Pairs where a further e-mail address or phone of one is a further or the main one of the other."""
    of = select_by_key(
        "SELECT value_key, customer_id FROM contact_point WHERE customer_id IN {keys}", row_ids
    )
    mains = select_by_key("SELECT email_key, phone_key, id FROM customer WHERE id IN {keys}", row_ids)
    values = {row[0] for row in of} | {key for *keys, _ in mains for key in keys if key}
    rows = list(
        select_by_key(
            "SELECT value_key, customer_id FROM contact_point WHERE customer_id IS NOT NULL AND value_key IN {keys}",
            values,
        )
    )
    if rows:
        for column in ("email_key", "phone_key"):
            rows += select_by_key(
                f"SELECT {column}, id FROM customer WHERE merged_into_id IS NULL AND {column} IN {{keys}}",
                {row[0] for row in rows},
            )
    return _together(rows, set(row_ids))


def _similar(row_ids: Sequence[int]) -> set[tuple[int, int]]:
    """Pairs of one postcode whose names are similar."""
    places = [
        row[0]
        for row in select_by_key(
            "SELECT DISTINCT postcode FROM address WHERE postcode <> '' AND main AND customer_id IN {keys}",
            row_ids,
        )
    ]
    rows = list(
        select_by_key(
            "SELECT a.postcode, t.id, t.name_key FROM address a JOIN customer t ON t.id = a.customer_id WHERE a.main"
            " AND t.merged_into_id IS NULL AND a.postcode IN {keys}",
            places,
        )
    )
    names = {row[1]: row[2] for row in rows}
    return {
        pair for pair in _together([row[:2] for row in rows], set(row_ids), most=200)
        if alike(names[pair[0]], names[pair[1]])
    }  # fmt: skip


def _together(rows: Iterable[tuple[Any, ...]], wanted: set[int], *, most: int = MOST) -> set[tuple[int, int]]:
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


def alike(one: str, other: str) -> bool:
    """Whether two names (keys) are similar: the same words in any order, or nearly the same letters."""
    first, second = (" ".join(sorted(name.replace(",", " ").split())) for name in (one, other))
    return first == second or difflib.SequenceMatcher(None, first, second).ratio() >= SIMILAR


def judge(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[list[str], int]:
    """The reasons why two may be one, and their score from 0 to 100. Two accounts are two people."""
    if one["account"] is not None and other["account"] is not None:
        return [], 0
    reasons = [kind for kind in ("email", "phone") if one[kind] & other[kind]]
    if one["name"] == other["name"]:
        reasons.append("name")
    elif alike(one["name"], other["name"]):
        reasons.append("similar_name")
    if one["postcode"] and (one["postcode"], _line(one)) == (other["postcode"], _line(other)):
        reasons.append("address")
    elif one["city"] and one["city"] == other["city"]:
        reasons.append("city")
    score = sum(SCORES[reason] for reason in reasons)
    if one["birthday"] and other["birthday"]:
        same = one["birthday"] == other["birthday"]
        score += SCORES["birthday"] if same else OTHER_BIRTHDAY
        reasons += ["birthday"] if same else []
    return reasons, max(0, min(score, 100))


def _line(facts: Mapping[str, Any]) -> str:
    return " ".join((facts["street"] or "").casefold().replace(".", " ").split())


def look_at(uid: str) -> None:
    """Look at one customer anew, because it was made or changed."""
    row_id = _ID.value(uid)
    if row_id is not None:
        look([row_id])


def scan(run: Run) -> None:
    """The job that looks at all customers, in steps."""
    after, pairs = 0, 0
    while row_ids := [row[0] for row in _NEXT.tuples(after, _BATCH)]:
        run.check()
        pairs += look(row_ids)
        after = row_ids[-1]
        run.progress(after, message=f"candidates: {pairs}")


def listed(actor: Actor, *, of: int | None = None, uid: str = "", limit: int = 50) -> list[dict[str, Any]]:
    """Candidates of whom the actor sees both, the surest first.

    of: only those of one customer (key of its row). uid: only this one.
    """
    if not actor.may(MERGE):
        return []
    one, other = visibility.scope(actor), visibility.scope(actor, "s")
    where, params = f"{_PAIRS} AND {one.text} AND {other.text}", [*one.params, *other.params]
    if of is not None:
        where, params = f"{where} AND (d.first_id = ? OR d.second_id = ?)", [*params, of, of]
    if uid:
        where, params = f"{where} AND d.uid = ?", [*params, uid]
    rows = Prepared(f"{where} ORDER BY d.score DESC, d.id LIMIT {limit}").rows(*params)
    return [row | {"reasons": [WORDS[reason] for reason in json.loads(row["reasons"])]} for row in rows]


def dismiss(actor: Actor, uid: str) -> None:
    """They are two: do not propose this pair again."""
    require(actor, MERGE)
    if not listed(actor, uid=uid):
        raise NotFound()
    with transaction():
        _DISMISS.run(clock.now(), uid)
        record("customers.duplicate_dismissed", actor=actor, obj_kind="duplicate_pair", obj_uid=uid)
