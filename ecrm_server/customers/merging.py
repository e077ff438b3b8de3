"""Two customers who turn out to be one: merging with a preview, and undoing it.

The merged row stays, points to the one that is kept, and shows nowhere; who looks for it finds the kept one. Everything
that hangs on it moves, that of other parts by the hook ``customers_merged``; what is remembered of it brings it back.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from ecrm_server import clock, ids
from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.audit.services import record
from ecrm_server.customers import children, forms, reading, visibility
from ecrm_server.customers.custom import all_facts
from ecrm_server.customers.events import CustomersMerged, CustomersUnmerged
from ecrm_server.customers.facts import CUSTOMER, Fact
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.events import emit
from ecrm_server.kernel import current

MERGE = "customers.merge"

_POINT = Prepared("UPDATE customer SET merged_into_id = ?, account_id = NULL WHERE id = ?")
_FOLLOW = Prepared("UPDATE customer SET merged_into_id = ? WHERE merged_into_id = ? AND id <> ? RETURNING id")
_STORE = Prepared(
    "INSERT INTO customer_merge (uid, subject, kept_id, merged_id, before, moved, actor_id, at)"
    " VALUES (?, 'customer', ?, ?, ?, ?, ?, ?)"
)
_PAIRS = Prepared(
    "UPDATE duplicate_pair SET state = ?, decided_at = ? WHERE subject = 'customer' AND first_id = ? AND second_id = ?"
)
_OF = Prepared(
    "SELECT m.uid, m.at, t.uid AS merged_uid, t.name, p.name AS actor_name FROM customer_merge m"
    " JOIN customer t ON t.id = m.merged_id LEFT JOIN profile p ON p.account_id = m.actor_id"
    " WHERE m.subject = 'customer' AND m.kept_id = ? AND m.undone_at IS NULL ORDER BY m.id DESC LIMIT 20"
)
_ONE = Prepared(
    "SELECT id, kept_id, merged_id, before, moved FROM customer_merge WHERE uid = ? AND undone_at IS NULL",
    lock=True,
)
_LATER = Prepared(
    "SELECT 1 FROM customer_merge WHERE subject = 'customer' AND undone_at IS NULL AND id > ?"
    " AND (merged_id = ? OR kept_id = ?)"
)
_UNDONE = Prepared("UPDATE customer_merge SET undone_at = ? WHERE id = ?")
_UID = Prepared("SELECT uid FROM customer WHERE id = ?")


def _columns() -> list[str]:
    """The columns of facts; the account is no fact, and moves too."""
    return [column for fact in all_facts("customer").values() for column in fact.columns]


def preview(actor: Actor, kept: str, merged: str) -> list[dict[str, Any]]:
    """Each fact that one of the two has: ``name``, ``title``, ``kept``, ``merged`` as texts, and ``choice``."""
    one, other = _pair(actor, kept, merged)
    mine, theirs = (forms.read_out(actor, CUSTOMER, row) for row in (one, other))
    return [
        {
            "name": fact.name, "title": fact.title, "custom": fact.custom, "kept": mine.get(fact.name, ""),
            "merged": theirs.get(fact.name, ""), "choice": _choosable(one, other, fact),
        }
        for fact in all_facts("customer").values()
        if fact.name in mine or fact.name in theirs
    ]  # fmt: skip


def _choosable(one: Mapping[str, Any], other: Mapping[str, Any], fact: Fact) -> bool:
    """Whether there is something to choose: both have it, and differ. Sets and addresses are kept both."""
    if not fact.columns or fact.main_address or _of_account(one, other, fact.name):
        return False
    mine, theirs = one[fact.columns[0]], other[fact.columns[0]]
    return mine is not None and theirs is not None and mine != theirs


def _of_account(one: Mapping[str, Any], other: Mapping[str, Any], name: str) -> bool:
    return name in ("name", "email") and (one["account_id"] or other["account_id"]) is not None


def _pair(actor: Actor, kept: str, merged: str) -> tuple[dict[str, Any], dict[str, Any]]:
    require(actor, MERGE)
    one, other = reading.customer(actor, kept), reading.customer(actor, merged)
    if one["id"] == other["id"]:
        raise Refusal("These two are one customer already.")
    if one["account_id"] is not None and other["account_id"] is not None:
        raise Refusal("Both have an account, and accounts cannot be merged.")
    return one, other


def merge(actor: Actor, kept: str, merged: str, take: Collection[str] = ()) -> str:
    """Merge one customer into another. Returns the public id of the merge, by which it can be undone.

    take: names of facts that come from the merged one where both have them; what the kept one lacks comes anyway.
    """
    one, other = _pair(actor, kept, merged)
    visibility.require_editable(actor, CUSTOMER, take)
    uid = ids.public_id()
    with transaction():
        rows = _locked(one["id"], other["id"])
        if any(row["merged_into_id"] is not None for row in rows.values()):
            raise Refusal("One of them was merged meanwhile.")
        taken = {*take, "name", "email"} if other["account_id"] is not None else set(take)
        before = {"kept": rows[one["id"]], "merged": rows[other["id"]]}
        moved = {
            "customers": children.move(one["id"], other["id"], rows[one["id"]], rows[other["id"]], taken)
        }
        moved["customers"]["followers"] = [
            row[0] for row in _FOLLOW.tuples(one["id"], other["id"], one["id"])
        ]
        _POINT.run(one["id"], other["id"])
        before["set"] = _fill(one["id"], rows[one["id"]], rows[other["id"]], take, other["id"])
        for answer in current.generation().hooks.customers_merged(kept=one["id"], merged=other["id"]):
            moved |= answer
        now = clock.now()
        _STORE.run(uid, one["id"], other["id"], json.dumps(before), json.dumps(moved), actor.account_id, now)
        _PAIRS.run("merged", now, *sorted((one["id"], other["id"])))
        record(
            "customers.merged", actor=actor, obj_kind="customer", obj_uid=one["uid"],
            after={"merged": other["uid"], "name": other["name"]},
        )  # fmt: skip
        emit(CustomersMerged(kept=one["uid"], merged=other["uid"]), actor_id=actor.account_id)
    return uid


def _locked(*row_ids: int) -> dict[int, dict[str, Any]]:
    columns = ", ".join(["id", "account_id", "organisation_id", "merged_into_id", "created_at", *_columns()])
    found = reading.prepared_lock(f"SELECT {columns} FROM customer WHERE id IN (?, ?) ORDER BY id")
    return {row["id"]: row for row in found.rows(*row_ids)}


def _fill(
    row_id: int, mine: Mapping[str, Any], theirs: Mapping[str, Any], take: Collection[str], merged_id: int
) -> dict[str, Any]:
    """Put into the kept row what it lacks and what is to be taken. Returns the columns that were set."""
    wanted: dict[str, Any] = {}
    for fact in all_facts("customer").values():
        if fact.columns and not fact.main_address:
            chosen = fact.name in take and theirs[fact.columns[0]] is not None
            if mine[fact.columns[0]] is None or chosen:
                wanted |= {
                    column: theirs[column] for column in fact.columns if theirs[column] != mine[column]
                }
    if theirs["account_id"] is not None:
        wanted |= {name: theirs[name] for name in ("account_id", "name", "name_key", "email", "email_key")}
    if mine["organisation_id"] is None and theirs["organisation_id"] is not None:
        wanted["organisation_id"] = theirs["organisation_id"]
    wanted["created_at"] = min(mine["created_at"], theirs["created_at"])
    if "number_key" in wanted:  # it is unique: first it goes from the merged one
        reading.prepared("UPDATE customer SET number = NULL, number_key = NULL WHERE id = ?").run(merged_id)
    wanted |= children.main_place(row_id)
    _set(row_id, wanted)
    return {name: value for name, value in wanted.items() if value != mine[name]}


def _set(row_id: int, columns: Mapping[str, Any]) -> None:
    assignments = "".join(f"{name} = ?, " for name in columns)
    reading.prepared(
        f"UPDATE customer SET {assignments}version = version + 1, updated_at = ? WHERE id = ?"
    ).run(*columns.values(), clock.now(), row_id)


def merges(row_id: int) -> list[dict[str, Any]]:
    """What was merged into a customer and can be undone, the last first."""
    return _OF.rows(row_id)


def undo(actor: Actor, uid: str) -> tuple[str, str]:
    """Part the two again. Returns the public ids of the kept and of the merged one.

    What was changed or added on the kept one since stays there.
    """
    require(actor, MERGE)
    with transaction():
        row = _ONE.row(uid)
        if row is None:
            raise NotFound()
        kept, merged = str(_UID.value(row["kept_id"])), str(_UID.value(row["merged_id"]))
        reading.customer(actor, kept)
        if _LATER.value(row["id"], row["kept_id"], row["merged_id"]) is not None:
            raise Refusal("Undo the later merge first.")
        before, moved = json.loads(row["before"]), json.loads(row["moved"])
        _restore(row["kept_id"], row["merged_id"], before)
        for follower in moved["customers"].pop("followers"):
            reading.prepared("UPDATE customer SET merged_into_id = ? WHERE id = ?").run(
                row["merged_id"], follower
            )
        children.put_back(row["kept_id"], row["merged_id"], moved["customers"])
        current.generation().hooks.customers_unmerged(
            kept=row["kept_id"], merged=row["merged_id"], moved=moved
        )
        _UNDONE.run(clock.now(), row["id"])
        _PAIRS.run("dismissed", clock.now(), *sorted((row["kept_id"], row["merged_id"])))
        record("customers.unmerged", actor=actor, obj_kind="customer", obj_uid=kept, after={"parted": merged})
        emit(CustomersUnmerged(kept=kept, merged=merged), actor_id=actor.account_id)
    return kept, merged


def _restore(kept_id: int, merged_id: int, before: Mapping[str, Any]) -> None:
    """Both rows as they were, but for what was changed on the kept one since."""
    now = _locked(kept_id, merged_id)[kept_id]
    known = now.keys()
    back = {
        name: before["kept"][name]
        for name, value in before["set"].items()
        if name in known and now[name] == value
    }
    _set(kept_id, back)
    own = {name: value for name, value in before["merged"].items() if name in known and name != "id"}
    _set(merged_id, own | {"merged_into_id": None})
