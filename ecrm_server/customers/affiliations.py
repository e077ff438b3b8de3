"""To whom imported people belong: an organisation that a column names, found or made, and the role in it.

The organisation of a file is the one a person mainly acts for. Other memberships are left as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from ecrm_server.content.names import name_key
from ecrm_server.customers import rows
from ecrm_server.customers.facts import ORGANISATION
from ecrm_server.customers.models import ROLES
from ecrm_server.customers.schemas import ROLE_NAMES
from ecrm_server.data.bulk import select_by_key
from ecrm_server.errors import Refusal
from ecrm_server.importing.kind import NEW, Change, Field, Refused

FIELD, ROLE = "organisation", "organisation_role"
NAMES = frozenset((FIELD, ROLE))
DEFAULTS = {"stage": "customer", "source": "import", "kind": "customer"}

_FIND = (
    "SELECT x.{column}, t.uid FROM organisation x JOIN organisation t ON t.id = COALESCE(x.merged_into_id, x.id)"
    " WHERE x.{column} IN {{keys}}"
)
_BY_UID, _BY_NUMBER = (_FIND.format(column=column) for column in ("uid", "number_key"))
_BY_NAME = "SELECT name_key, uid FROM organisation WHERE merged_into_id IS NULL AND name_key IN {keys}"
_OF = (
    "SELECT m.customer_id, o.uid, m.role, m.organisation_id = c.organisation_id FROM membership m"
    " JOIN organisation o ON o.id = m.organisation_id JOIN customer c ON c.id = m.customer_id"
    " WHERE m.customer_id IN {keys}"
)
_HAVE_MAIN = "SELECT uid FROM customer WHERE organisation_id IS NOT NULL AND uid IN {keys}"


def fields() -> list[Field]:
    """What a column can fill."""
    return [
        Field(
            FIELD, "Organisation", resolve=resolve, unknown="which is no organisation here", adds=True,
            comparable=lambda memberships: memberships[0][0],
            aliases=("company", "organization", "firma", "société", "empresa", "employer", "account"),
        ),
        Field(
            ROLE, "Role in the organisation", "choice", choices=dict(zip(ROLES, ROLE_NAMES, strict=True)),
            aliases=("role", "rolle"), goes_with=FIELD,
        ),
    ]  # fmt: skip


def of_customers(row_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """By customer, all memberships as [organisation, role], the main one first, and the role in that one."""
    found: dict[int, list[tuple[bool, list[str]]]] = {}
    for row_id, uid, role, main in select_by_key(_OF, row_ids):
        found.setdefault(row_id, []).append((not main, [uid, role]))
    sorted_ones = {row_id: [one for _, one in sorted(members)] for row_id, members in found.items()}
    return {row_id: {FIELD: members, ROLE: members[0][1]} for row_id, members in sorted_ones.items()}


def resolve(texts: Collection[str]) -> dict[str, Any]:
    """Organisations by public id, number or name."""
    keys = {text: name_key(text) for text in texts}
    uids = dict(select_by_key(_BY_UID, texts))
    numbers = dict(select_by_key(_BY_NUMBER, keys.values()))
    names: dict[str, list[str]] = {}
    for key, uid in select_by_key(_BY_NAME, keys.values()):
        names.setdefault(key, []).append(uid)
    found: dict[str, Any] = {}
    for text, key in keys.items():
        named = names.get(key, [])
        if text in uids or key in numbers:
            found[text] = uids.get(text) or numbers[key]
        elif len(named) > 1:
            found[text] = Refused("as several organisations are called; write the number of the one that is meant")
        elif named:
            found[text] = named[0]
    return found


def check(changes: Sequence[Change]) -> dict[int, Refused]:
    """What could not be carried out, by index."""
    refused: dict[int, Refused] = {}
    named = {value for change in changes if isinstance(value := change.values.get(FIELD), str)}
    faults = {name: fault for name in named if name.startswith(NEW) and (fault := _fault(name))}
    known = dict(select_by_key(_BY_UID, [name for name in named if not name.startswith(NEW)]))
    roles = {change.uid for change in changes if change.values.get(ROLE) and FIELD not in change.values}
    mains = {uid for (uid,) in select_by_key(_HAVE_MAIN, [uid for uid in roles if uid is not None])}
    for index, change in enumerate(changes):
        value = change.values.get(FIELD)
        if isinstance(value, str) and value in faults:
            refused[index] = Refused(faults[value], FIELD)
        elif isinstance(value, str) and not value.startswith(NEW) and value not in known:
            refused[index] = Refused("was deleted meanwhile", FIELD)
        elif change.values.get(ROLE) and FIELD not in change.values and change.uid not in mains:
            refused[index] = Refused("needs an organisation", ROLE)
    return refused


def _fault(name: str) -> str:
    try:
        rows.check(ORGANISATION, DEFAULTS | {"name": name.removeprefix(NEW)})
    except Refusal as refusal:
        return f"cannot be added: {refusal.message.rstrip('.')}"
    return ""
