"""What is stored about a customer: its own entries of the timeline, export, erasure."""

from __future__ import annotations

import json
from typing import Any

from ecrm_server.access import SYSTEM, Actor
from ecrm_server.content.names import name_key
from ecrm_server.customers import contacts, forms, keys, memberships, reading, threads
from ecrm_server.customers.custom import all_facts, archived_columns
from ecrm_server.customers.events import LetGo
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION
from ecrm_server.customers.reading import prepared
from ecrm_server.customers.services import ERASED
from ecrm_server.customers.timeline import Entry
from ecrm_server.customers.visibility import scope, sees_any
from ecrm_server.data import Prepared
from ecrm_server.data.bulk import select_by_key
from ecrm_server.events import emit
from ecrm_server.importing.changes import forget as forget_imported

_UID = Prepared("SELECT uid FROM customer WHERE account_id = ?")
_LOGGED = Prepared(
    "SELECT a.kind, a.subject, a.text, a.at, m.name AS sender, m.address AS sender_address, m.quoted,"
    " m.files AS attached FROM activity a LEFT JOIN received_mail m ON m.activity_id = a.id WHERE a.customer_id = ?"
    " ORDER BY a.at, a.id"
)
_SINCE = Prepared("SELECT name, account_id, created_at FROM customer WHERE id = ? AND created_at < ?")
_JOINED = (
    "SELECT t.uid, t.name, m.created_at FROM membership m JOIN organisation t ON t.id = m.organisation_id"
    " WHERE m.customer_id = ? AND m.created_at < ? AND {scope} ORDER BY m.created_at DESC LIMIT ?"
)
_DROP = tuple(
    Prepared(f"DELETE FROM {table} WHERE customer_id IN (SELECT id FROM customer WHERE account_id = ?)")
    for table in (
        "membership",
        "contact_point",
        "address",
        "customer_tag",
        "custom_choice",
        "activity",
        "customer_removed",
        "customer_claim",
    )
)
_FORGET_PAIRS = tuple(
    f"DELETE FROM {table} WHERE subject = 'customer' AND {column} IN {{keys}} RETURNING {column}"
    for table, columns in (
        ("customer_merge", ("kept_id", "merged_id")),
        ("duplicate_pair", ("first_id", "second_id")),
    )
    for column in columns
)
_OWN = Prepared("SELECT id FROM customer WHERE account_id = ?")
_AND_MERGED = Prepared("SELECT id, uid FROM customer WHERE id = ? OR merged_into_id = ?")
_FORGET_MERGED = Prepared("DELETE FROM customer WHERE merged_into_id = ?")
_LET_GO = tuple(
    Prepared(f"UPDATE {table} SET owner_id = NULL, version = version + 1 WHERE owner_id = ?")
    for table in ("customer", "organisation")
)


def timeline(
    actor: Actor, customer_id: int | None, organisation_id: int | None, before: int, limit: int
) -> list[Entry]:
    """What staff logged; when the customer came to us and joined organisations. For staff."""
    if not sees_any(actor):
        return []
    if organisation_id is not None:
        return threads.entries(actor, ORGANISATION, organisation_id, before, limit)
    if customer_id is None:
        return []
    seen = scope(actor)
    entries = [
        Entry(
            "customers",
            "joined",
            row["created_at"],
            row["name"],
            f"/organisations/{row['uid']}",
            "Joined",
            "building",
        )
        for row in prepared(_JOINED.format(scope=seen.text)).rows(customer_id, before, *seen.params, limit)
    ]
    entries += threads.entries(actor, CUSTOMER, customer_id, before, limit)
    row = _SINCE.row(customer_id, before)
    if row is not None:
        title = "Account made" if row["account_id"] is not None else "Customer added"
        entries.append(Entry("customers", "created", row["created_at"], title, icon="user-plus"))
    return entries


def export(account_id: int) -> dict[str, Any] | None:
    """Everything that is stored about the customer; None when the account has no customer."""
    uid = _UID.value(account_id)
    row = reading.find(CUSTOMER, uid) if uid is not None else None
    if row is None:
        return None
    facts = {name: value for name, value in forms.values_of(CUSTOMER, row).items() if value not in (None, [])}
    return facts | {
        "since": row["created_at"],
        "contacts": contacts.points(SYSTEM, CUSTOMER, row["id"]),
        "addresses": contacts.addresses(SYSTEM, CUSTOMER, row["id"]),
        "logged": [_told(item) for item in _LOGGED.rows(row["id"])],
        "memberships": [
            {"organisation": item["name"], "role": item["role"], "since": item["joined_at"]}
            for item in memberships.of(SYSTEM, CUSTOMER, row["id"])
        ],
    }


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """Something logged, as plain data; what is said of a received mail stands only with one."""
    attached = row.pop("attached")
    if attached is None:
        return {name: row[name] for name in ("kind", "subject", "text", "at")}
    return row | {"attached": json.loads(attached)}


def erase(account_id: int) -> None:
    """Forget who the customer is; the row stays, for what other parts must keep (orders, for example)."""
    for statement in _DROP:
        statement.run(account_id)
    keys.forget(account_id)
    own = _OWN.value(account_id)
    if own is not None:
        # What merges and imports remember of the customers that turned out to be this one tells of the person too.
        rows = dict(_AND_MERGED.tuples(own, own))
        for text in _FORGET_PAIRS:
            list(select_by_key(text, rows))
        forget_imported("customers", list(rows.values()))
        _FORGET_MERGED.run(own)
    empty = {
        column: None
        for fact in all_facts("customer").values()
        for column in fact.columns
        if column not in ("name", "name_key", "stage")
    }
    empty |= dict.fromkeys(archived_columns("customer"))
    columns = empty | {
        "name": ERASED,
        "name_key": name_key(ERASED),
        "stage": "lapsed",
        "organisation_id": None,
    }
    assignments = ", ".join(f"{column} = ?" for column in columns)
    prepared(f"UPDATE customer SET {assignments} WHERE account_id = ?").run(*columns.values(), account_id)
    if sum(statement.run(account_id) for statement in _LET_GO):
        emit(LetGo(field="owner"))
