"""Two customers, or two organisations, who turn out to be one: merging with a preview, and undoing it.

The merged row stays, points to the one that is kept, and shows nowhere; who looks for it finds the kept one. Everything
that hangs on it moves, that of other parts by the hooks ``customers_merged`` and ``organisations_merged``; what is
remembered of it brings it back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from ecrm_server import clock, ids
from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.customers import children, forms, reading, telling, visibility
from ecrm_server.customers.custom import all_facts
from ecrm_server.customers.facts import CUSTOMER, Fact, Subject, other_side
from ecrm_server.customers.reading import prepared
from ecrm_server.data import Prepared, transaction
from ecrm_server.data.bulk import select_by_key
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.kernel import current

MERGE = "customers.merge"

_MEANWHILE = "One of them was merged meanwhile."

_OF_ACCOUNT = ("account_id", "name", "name_key", "email", "email_key")
"""What comes from the one that has an account."""
_BESIDE = {"customer": ("account_id", "organisation_id"), "organisation": ()}
"""Columns that move beside the facts."""
_NAMED_BY = {"owner_id": "account", "team_id": "account_group", "organisation_id": "organisation"}
"""Columns that name rows of other tables, which may be gone when a merge is undone."""

_STORE = Prepared(
    "INSERT INTO customer_merge (uid, subject, kept_id, merged_id, before, moved, actor_id, at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_PAIRS = Prepared(
    "UPDATE duplicate_pair SET state = ?, decided_at = ? WHERE subject = ? AND first_id = ? AND second_id = ?"
)
_OF = (
    "SELECT m.uid, m.at, t.uid AS merged_uid, t.name, p.name AS actor_name FROM customer_merge m"
    " JOIN {table} t ON t.id = m.merged_id LEFT JOIN profile p ON p.account_id = m.actor_id"
    " WHERE m.subject = ? AND m.kept_id = ? AND m.undone_at IS NULL ORDER BY m.id DESC LIMIT 20"
)
_ONE = Prepared(
    "SELECT id, kept_id, merged_id, before, moved FROM customer_merge"
    " WHERE uid = ? AND subject = ? AND undone_at IS NULL",
    lock=True,
)
_LATER = (
    "SELECT t.name FROM customer_merge m JOIN {table} t ON t.id = m.merged_id"
    " WHERE m.subject = ? AND m.id > ? AND m.undone_at IS NULL AND m.{column} IN {{keys}}"
)
_UNDONE = Prepared("UPDATE customer_merge SET undone_at = ? WHERE id = ?")


def preview(actor: Actor, subject: Subject, kept: str, merged: str) -> list[dict[str, Any]]:
    """Each fact that one of the two has: ``name``, ``title``, ``kept``, ``merged`` as texts, and ``choice``."""
    one, other = _pair(actor, subject, kept, merged)
    mine, theirs = (forms.read_out(actor, subject, row) for row in (one, other))
    return [
        {
            "name": fact.name, "title": fact.title, "custom": fact.custom, "kept": mine.get(fact.name, ""),
            "merged": theirs.get(fact.name, ""), "choice": _choosable(one, other, fact),
        }
        for fact in all_facts(subject.name).values()
        if fact.name in mine or fact.name in theirs
    ]  # fmt: skip


def _choosable(one: Mapping[str, Any], other: Mapping[str, Any], fact: Fact) -> bool:
    """Whether there is something to choose: both have it, and differ. Sets and addresses are kept both."""
    if not fact.columns or fact.main_address or (fact.name in _OF_ACCOUNT and _accounts(one, other)):
        return False
    mine, theirs = one[fact.columns[0]], other[fact.columns[0]]
    return mine is not None and theirs is not None and mine != theirs


def _accounts(*rows: Mapping[str, Any]) -> int:
    return sum(row.get("account_id") is not None for row in rows)


def _pair(actor: Actor, subject: Subject, kept: str, merged: str) -> tuple[dict[str, Any], dict[str, Any]]:
    require(actor, MERGE)
    one, other = reading.one(actor, subject, kept), reading.one(actor, subject, merged)
    if one["id"] == other["id"]:
        raise Refusal("These two are one already.")
    _refuse_two_accounts(one, other)
    return one, other


def _refuse_two_accounts(one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    if _accounts(one, other) == 2:
        raise Refusal("Both have an account, and accounts cannot be merged.")


def merge(actor: Actor, subject: Subject, kept: str, merged: str, take: Collection[str] = ()) -> str:
    """Merge one into another. Returns the public id of the merge, by which it can be undone.

    take: names of facts that come from the merged one where both have them; what the kept one lacks comes anyway.
    """
    one, other = _pair(actor, subject, kept, merged)
    visibility.require_editable(actor, subject, take)
    uid, now = ids.public_id(), clock.now()
    with transaction():
        rows = _locked(subject, one["id"], other["id"])
        mine, theirs = rows[one["id"]], rows[other["id"]]
        if any(row["merged_into_id"] is not None for row in rows.values()):
            raise Refusal(_MEANWHILE)
        _refuse_two_accounts(mine, theirs)  # one of them may have made an account meanwhile
        if _accounts(mine):
            take = set(take).difference(_OF_ACCOUNT)
        taken = {*take, *(_OF_ACCOUNT if _accounts(other) else ())}
        own = children.move(subject, mine, theirs, taken)
        own["followers"] = _point(subject, one["id"], other["id"])
        before = {"kept": mine, "merged": theirs, "set": _fill(subject, mine, theirs, take)}
        moved = {"customers": own}
        for answer in _hook(subject, "merged")(kept=one["id"], merged=other["id"]):
            moved |= answer
        _STORE.run(
            uid, subject.name, one["id"], other["id"], json.dumps(before), json.dumps(moved), actor.account_id, now
        )  # fmt: skip
        _PAIRS.run("merged", now, subject.name, *sorted((one["id"], other["id"])))
        event = telling.merged(subject, one["uid"], other["uid"])
        telling.tell(actor, subject, one["uid"], event, after={"merged": other["uid"], "name": other["name"]})
    return uid


def _hook(subject: Subject, verb: str) -> Callable[..., list[dict[str, Any]]]:
    """The hook by which other parts hear that two of a subject were merged or unmerged."""
    hook: Callable[..., list[dict[str, Any]]] = getattr(current.generation().hooks, f"{subject.name}s_{verb}")
    return hook


def _point(subject: Subject, kept: int, merged: int) -> list[int]:
    """Let the merged one, and those that were merged into it before, lead to the kept one. Returns the latter."""
    follow = prepared(f"UPDATE {subject.table} SET merged_into_id = ? WHERE merged_into_id = ? RETURNING id")
    followers = [row[0] for row in follow.tuples(kept, merged)]
    no_account = ", account_id = NULL" if subject is CUSTOMER else ""
    prepared(f"UPDATE {subject.table} SET merged_into_id = ?{no_account} WHERE id = ?").run(kept, merged)
    return followers


def _locked(subject: Subject, *row_ids: int) -> dict[int, dict[str, Any]]:
    """Both rows, kept from changing together with all that were merged into them.

    Every merge, and the undoing of one, changes those; it locks them first and by id, or two at once that share some
    would wait for each other.
    """
    facts = [column for fact in all_facts(subject.name).values() for column in fact.columns]
    columns = ", ".join(["id", "merged_into_id", "created_at", *_BESIDE[subject.name], *facts])
    found = reading.prepared_lock(
        f"SELECT {columns} FROM {subject.table} WHERE id IN (?, ?) OR merged_into_id IN (?, ?) ORDER BY id"
    )
    rows = {row["id"]: row for row in found.rows(*row_ids, *row_ids)}
    if not rows.keys() >= set(row_ids):
        raise NotFound()
    following = prepared(f"SELECT id FROM {subject.table} WHERE merged_into_id IN (?, ?)")
    if any(row[0] not in rows for row in following.tuples(*row_ids)):  # came while the lock was waited for
        raise Refusal(_MEANWHILE)
    return {row_id: rows[row_id] for row_id in row_ids}


def _fill(
    subject: Subject, mine: Mapping[str, Any], theirs: Mapping[str, Any], take: Collection[str]
) -> dict[str, Any]:
    """Put into the kept row what it lacks and what is to be taken. Returns the columns that were set."""
    wanted: dict[str, Any] = {}
    for fact in all_facts(subject.name).values():
        if fact.columns and not fact.main_address:
            chosen = fact.name in take and theirs[fact.columns[0]] is not None
            if mine[fact.columns[0]] is None or chosen:
                wanted |= {name: theirs[name] for name in fact.columns}
    if _accounts(theirs):
        wanted |= {name: theirs[name] for name in _OF_ACCOUNT}
    if "organisation_id" in mine and mine["organisation_id"] is None:
        wanted["organisation_id"] = theirs["organisation_id"]
    wanted["created_at"] = min(mine["created_at"], theirs["created_at"])
    wanted |= children.main_place(subject, mine["id"])
    changed = {name: value for name, value in wanted.items() if value != mine[name]}
    if "number_key" in changed:  # it is unique: first it goes from the merged one
        _set(subject, theirs["id"], {"number": None, "number_key": None})
    _set(subject, mine["id"], changed)
    return changed


def _set(subject: Subject, row_id: int, columns: Mapping[str, Any]) -> None:
    assignments = "".join(f"{name} = ?, " for name in columns)
    prepared(
        f"UPDATE {subject.table} SET {assignments}version = version + 1, updated_at = ? WHERE id = ?"
    ).run(*columns.values(), clock.now(), row_id)


def merges(actor: Actor, subject: Subject, row_id: int) -> list[dict[str, Any]]:
    """What was merged into one, the last first, for those who may undo it."""
    if not actor.may(MERGE):
        return []
    return prepared(_OF.format(table=subject.table)).rows(subject.name, row_id)


def undo(actor: Actor, subject: Subject, uid: str) -> tuple[str, str]:
    """Part the two again. Returns the public ids of the kept and of the merged one.

    What was changed or added on the kept one since stays there.
    """
    require(actor, MERGE)
    with transaction():
        row = _ONE.row(uid, subject.name)
        if row is None:
            raise NotFound()
        kept_id, merged_id = row["kept_id"], row["merged_id"]
        find = prepared(f"SELECT uid FROM {subject.table} WHERE id = ?")
        kept, merged = str(find.value(kept_id)), str(find.value(merged_id))
        reading.one(actor, subject, kept)
        before, moved = json.loads(row["before"]), json.loads(row["moved"])
        _locked(subject, kept_id, merged_id)
        _refuse_out_of_order(subject, row, moved["customers"])
        for follower in moved["customers"].pop("followers"):
            prepared(f"UPDATE {subject.table} SET merged_into_id = ? WHERE id = ?").run(merged_id, follower)
        children.put_back(subject, kept_id, merged_id, moved["customers"])
        _restore(subject, kept_id, merged_id, before)
        people = {kept_id, merged_id} if subject is CUSTOMER else children.others(moved["customers"])
        children.choose_main_organisations(people)
        _hook(subject, "unmerged")(kept=kept_id, merged=merged_id, moved=moved)
        _UNDONE.run(clock.now(), row["id"])
        _PAIRS.run("dismissed", clock.now(), subject.name, *sorted((kept_id, merged_id)))
        event = telling.unmerged(subject, kept, merged)
        telling.tell(actor, subject, kept, event, after={"parted": merged})
    return kept, merged


def _refuse_out_of_order(subject: Subject, merge: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    """What one merge moved, a later one may have moved on: of the same two, or of who belongs to them."""
    concerned = {
        subject: {merge["kept_id"], merge["merged_id"]},
        other_side(subject): children.others(own),
    }
    for of, row_ids in concerned.items():
        for column in ("kept_id", "merged_id"):
            text = _LATER.format(table=of.table, column=column)
            name = next((row[0] for row in select_by_key(text, row_ids, of.name, merge["id"])), None)
            if name is not None:
                raise Refusal(f"Undo the later merge of '{name}' first.")


def _restore(subject: Subject, kept_id: int, merged_id: int, before: Mapping[str, Any]) -> None:
    """Both rows as they were, but for what was changed on the kept one since."""
    now = _locked(subject, kept_id, merged_id)[kept_id]
    filled: Mapping[str, Any] = before["set"]
    facts = [fact.columns for fact in all_facts(subject.name).values()]
    alone = [(name,) for name in ("created_at", *_BESIDE[subject.name])]
    # The columns of a fact belong together: a value and the key that it is compared by.
    back = {
        name: before["kept"][name]
        for columns in (*facts, *alone)
        if all(now[name] == filled[name] for name in columns if name in filled)
        for name in columns
        if name in filled
    }
    own = {name: value for name, value in before["merged"].items() if name in now and name != "id"}
    if filled.get("account_id") is not None and now["account_id"] == filled["account_id"]:
        # Name and address are the account's, which may have changed them since; they go with it.
        back |= {name: before["kept"][name] for name in _OF_ACCOUNT}
        own |= {name: now[name] for name in _OF_ACCOUNT}
    back, own = _without_gone(back), _without_gone(own)
    _set(subject, kept_id, back | children.main_place(subject, kept_id))
    taken = prepared(f"SELECT 1 FROM {subject.table} WHERE number_key = ? AND id <> ?")
    if own["number_key"] is not None and taken.value(own["number_key"], merged_id) is not None:
        own |= {"number": None, "number_key": None}  # somebody got it since
    _set(subject, merged_id, own | children.main_place(subject, merged_id) | {"merged_into_id": None})


def _without_gone(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The columns, empty where what they name is gone by now."""
    gone = [
        name
        for name, table in _NAMED_BY.items()
        if columns.get(name) is not None
        and prepared(f"SELECT 1 FROM {table} WHERE id = ?").value(columns[name]) is None
    ]
    return {**columns, **dict.fromkeys(gone)}
