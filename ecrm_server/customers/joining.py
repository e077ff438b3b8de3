"""Imported people join organisations, many at a time, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ecrm_server import clock, ids
from ecrm_server.content.names import name_key
from ecrm_server.customers import rows
from ecrm_server.customers.affiliations import DEFAULTS, FIELD, ROLE
from ecrm_server.customers.events import CustomerChanged, MemberAdded, MemberRemoved, OrganisationCreated
from ecrm_server.customers.facts import ORGANISATION
from ecrm_server.data import Prepared
from ecrm_server.data.bulk import insert_many, select_by_key
from ecrm_server.events import Event
from ecrm_server.importing.kind import NEW, Added, Change, Written

Create = Callable[[Sequence[tuple[str, rows.Checked, Any]]], None]
"""Stores new organisations: public id, what was checked, when they were added (None: now)."""

_NAMED = "SELECT name_key, uid FROM organisation WHERE merged_into_id IS NULL AND name_key IN {keys}"
_KEYS = "SELECT uid, id FROM organisation WHERE uid IN {keys}"
_STATE = (
    "SELECT c.uid, c.id, o.uid, m.role, c.organisation_id = o.id FROM customer c"
    " LEFT JOIN membership m ON m.customer_id = c.id LEFT JOIN organisation o ON o.id = m.organisation_id"
    " WHERE c.uid IN {keys}"
)
_MAIN_OF_NEW = (
    "UPDATE customer SET organisation_id = (SELECT m.organisation_id FROM membership m"
    " WHERE m.customer_id = customer.id) WHERE uid IN {keys} RETURNING uid"
)
_MAIN = Prepared("UPDATE customer SET organisation_id = ? WHERE id = ?")
_LEAVE = Prepared("DELETE FROM membership WHERE organisation_id = ? AND customer_id = ?")
_COLUMNS = ("organisation_id", "customer_id", "role", "created_at")
_ROLE_ANEW = "(organisation_id, customer_id) DO UPDATE SET role = excluded.role"


@dataclass(slots=True)
class _Person:
    """A customer: row, the organisation mainly acted for (empty: none), and the role in each, by public id."""

    row_id: int
    main: str = ""
    roles: dict[str, str] = field(default_factory=dict)


class Joining:
    """Lets customers belong where the changes about them say. wanted: by the customer's public id."""

    def __init__(self, wanted: Mapping[str, Change], create: Create) -> None:
        self._wanted = {uid: change for uid, change in wanted.items() if {FIELD, ROLE} & change.values.keys()}
        self._create = create
        self._joins: list[tuple[str, _Person, str]] = []
        self._mains: list[tuple[str, _Person]] = []
        self._leaves: list[tuple[str, _Person]] = []
        self._keys: dict[str, int] = {}
        self.events: list[Event] = []

    def carry_out(self) -> dict[str, Written]:
        """Write it all; returns what became of those who named a new organisation. ``events`` then tell of it."""
        if not self._wanted:
            return {}
        written = self._make()
        people = self._people()
        self._keys = self._known(written, people)
        for uid, change in self._wanted.items():
            person, role = people[uid], change.values.get(ROLE)
            value = written[uid].values[FIELD] if uid in written else change.values.get(FIELD)
            if isinstance(value, str):
                self._hold(uid, person, value, role or person.roles.get(value, "member"))
                if change.uid is not None:  # of new ones all at once
                    self._act_for(uid, person, value)
            elif FIELD in change.values:
                self._restore(uid, person, value or [])
            elif role and person.main:
                self._hold(uid, person, person.main, role)
        self._store()
        return written

    def _make(self) -> dict[str, Written]:
        """Make the organisations that are named anew and still unknown, each once."""
        named = {
            uid: value.removeprefix(NEW)
            for uid, change in self._wanted.items()
            if isinstance(value := change.values.get(FIELD), str) and value.startswith(NEW)
        }
        known = dict(select_by_key(_NAMED, [name_key(name) for name in named.values()]))
        new: list[tuple[str, rows.Checked, Any]] = []
        written: dict[str, Written] = {}
        for customer, name in named.items():
            added = []
            if name_key(name) not in known:
                uid = known[name_key(name)] = ids.public_id()
                new.append((uid, rows.check(ORGANISATION, DEFAULTS | {"name": name}), None))
                added = [Added("organisations", uid, {"name": name})]
                self.events.append(OrganisationCreated(organisation=uid))
            written[customer] = Written(customer, added, {FIELD: known[name_key(name)]})
        self._create(new)
        return written

    def _people(self) -> dict[str, _Person]:
        people: dict[str, _Person] = {}
        for uid, row_id, organisation, role, main in select_by_key(_STATE, self._wanted):
            person = people.setdefault(uid, _Person(row_id))
            if organisation is not None:
                person.roles[organisation] = role
                person.main = organisation if main else person.main
        return people

    def _known(self, written: Mapping[str, Written], people: Mapping[str, _Person]) -> dict[str, int]:
        """The keys of all organisations that are spoken of and still there."""
        uids = {one.values[FIELD] for one in written.values()}
        for uid, change in self._wanted.items():
            value = change.values.get(FIELD)
            uids |= {value} if isinstance(value, str) else {organisation for organisation, _ in value or ()}
            uids |= people[uid].roles.keys()
        return dict(select_by_key(_KEYS, uids))

    def _hold(self, uid: str, person: _Person, organisation: str, role: str) -> None:
        """Belong to an organisation with a role."""
        if person.roles.get(organisation) != role:
            self._joins.append((organisation, person, role))
            self.events.append(MemberAdded(organisation=organisation, customer=uid, role=role))

    def _act_for(self, uid: str, person: _Person, organisation: str) -> None:
        """Mainly act for an organisation; empty: for none."""
        if person.main != organisation:
            self._mains.append((organisation, person))
            self.events.append(CustomerChanged(customer=uid, fields=[FIELD]))

    def _restore(self, uid: str, person: _Person, before: Sequence[Sequence[str]]) -> None:
        """Undo a joining: ``before`` are the memberships of then, the main one first. Others that came since stay."""
        roles = {organisation: role for organisation, role in before if organisation in self._keys}
        if person.main and person.main not in roles:
            self._leaves.append((person.main, person))
            self.events.append(MemberRemoved(organisation=person.main, customer=uid))
        others = [one for one in person.roles if one != person.main]
        main = next(iter((*roles, *others)), "")
        for organisation, role in roles.items():
            if organisation == main or organisation in person.roles:
                self._hold(uid, person, organisation, role)
        self._act_for(uid, person, main)

    def _store(self) -> None:
        now = clock.now()
        joins = [(self._keys[uid], person.row_id, role, now) for uid, person, role in self._joins]
        insert_many("membership", _COLUMNS, joins, conflict=_ROLE_ANEW)
        list(select_by_key(_MAIN_OF_NEW, [uid for uid, change in self._wanted.items() if change.uid is None]))
        for uid, person in self._mains:
            _MAIN.run(self._keys.get(uid), person.row_id)
        for uid, person in self._leaves:
            _LEAVE.run(self._keys[uid], person.row_id)
