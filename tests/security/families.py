"""A site with several customers, each with everything that can be known of one, and people who see only some of them.

Whatever is known of a family begins with its word (``qfar…``), so that one look tells whether an answer shows it.
"""

from __future__ import annotations

import importlib
from typing import Any

from ecrm_server import clock
from ecrm_server.access import SYSTEM, groups
from ecrm_server.access import services as access
from ecrm_server.access.permission import STAFF
from ecrm_server.customers import activities, contacts, duplicates, fields, merging, organisations, plans
from ecrm_server.customers import services as customers
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION
from ecrm_server.data import Prepared, database
from ecrm_server.events.delivery import deliver_pending
from ecrm_server.identity.apikeys import create as create_key
from ecrm_server.identity.testing import actor_of, make_account, session_key
from ecrm_server.jobs.run import Run
from ecrm_server.kernel import current
from ecrm_server.kernel.site import Site
from ecrm_server.notices.services import notify

ANON, ADA, PAM, REP, MATE, CLERK = "anon", "ada", "pam", "rep", "mate", "clerk"
"""A visitor; a customer with an account; a member of a partner; staff who see the own customers, staff who see those of
the own group, and staff who see all but not the field ``secret``."""
FAR, NEW, NEAR, MINE = "qfar", "qnew", "qnear", "qmine"
"""Families: nobody's of the above, twice; the group's; the rep's own."""
SEES = {ANON: (), ADA: (), PAM: (), REP: (MINE,), MATE: (MINE, NEAR), CLERK: (FAR, NEW, NEAR, MINE)}
DIGITS = {FAR: "5550101", NEW: "5550202", NEAR: "5550303", MINE: "5550404"}
BORN = {FAR: "1951-01-11", NEW: "1952-02-12", NEAR: "1953-03-13", MINE: "1954-04-14"}


class Families:
    """``ids``: public ids by family. ``keys``: sessions and API keys by person."""

    def __init__(self, site: Site) -> None:
        database.connect(reuse_if_open=True)
        self.site = site
        self.ids: dict[str, dict[str, str]] = {}
        self.accounts: dict[str, Any] = {}
        self._people()
        for title, kind in (("Note", "text"), ("Secret", "text"), ("Score", "integer")):
            fields.add(SYSTEM, CUSTOMER, fields.Wanted(title=title, kind=kind))
            fields.add(SYSTEM, ORGANISATION, fields.Wanted(title=title, kind=kind))
        site.dispatcher.refresh(wait=True)
        for subject in (CUSTOMER, ORGANISATION):
            fields.set_rule(SYSTEM, subject, "x_secret", ["admin"], None)
        site.dispatcher.refresh(wait=True)
        self.segments()
        team = groups.create_group(SYSTEM, "North")
        for name in (REP, MATE):
            groups.add_member(SYSTEM, team, self.accounts[name].id)
        self.make(FAR)
        self.make(NEAR, team=team)
        self.make(MINE, owner=self.accounts[REP].profile_uid)
        self.sessions = {name: session_key(account) for name, account in self.accounts.items()}
        self.keys = {name: self._key(name) for name in (REP, MATE, CLERK)}
        self.settle()
        database.close()

    def _people(self) -> None:
        registry = current.generation().registry
        granted = {
            permission.name for permission in registry.permissions.values() if STAFF in permission.default
        } - {"customers.read"}
        for role, sees in (("rep", "customers.read_own"), ("mate", "customers.read_team")):
            access.create_role(SYSTEM, role, role.capitalize())
            wanted = {role: sorted(granted | {sees})}
            access.set_permissions(SYSTEM, wanted, list(registry.permissions.values()), {})
        self.site.dispatcher.refresh(wait=True)
        for name, roles in ((ADA, ()), (PAM, ()), (REP, ("rep",)), (MATE, ("mate",)), (CLERK, (STAFF,))):
            self.accounts[name] = make_account(name.capitalize(), roles=roles)
        self.settle()
        partner = organisations.create(SYSTEM, "Partner", "partner")
        customer = customers.of_account(self.accounts[PAM].id)["uid"]
        organisations.add_member(SYSTEM, partner, customer, "admin")

    def _key(self, name: str) -> str:
        actor = actor_of(self.accounts[name])
        return create_key(actor, "program", sorted(actor.permissions))

    def segments(self) -> None:
        """A segment with everybody, and a list that each family is put on."""
        service = importlib.import_module("ecrm_plugins.segments.services.editing")
        building = importlib.import_module("ecrm_plugins.segments.services.building")
        every = service.create(
            SYSTEM, "Everybody", rule={"trait": "customers.name", "op": "contains", "value": "q"}
        )
        building.build(every, Run("", {}, None, 1))
        self.shared = {"segment": every, "list": service.create(SYSTEM, "Picked")}

    def make(self, word: str, **looked_after: str) -> None:
        """A family: an organisation and a person with everything that hangs on them."""
        ids = self.ids[word] = {}
        facts: dict[str, Any] = {
            "number": f"{word}-number", "phone": DIGITS[word], "street": f"{word} street 1", "city": f"{word}city",
            "region": f"{word}region", "postcode": f"{word}pc", "source": f"{word}source", "tags": [f"{word}tag"],
            "country": "DE", "language": "de", "x_note": f"{word}note", "x_secret": f"{word}secret", "x_score": 7,
            **looked_after,
        }  # fmt: skip
        firm, one = f"{word} works", f"{word} person"
        ids["firm"] = organisations.create(
            SYSTEM, firm, "partner", email=f"{word}@firm.example", website=f"{word}.example", **facts
        )
        ids["person"] = customers.create(
            SYSTEM, one, email=f"{word}@home.example", birthday=BORN[word], stage="customer", **facts
        )
        twin = customers.create(SYSTEM, f"{one}s", email=f"{word}@home.example", **looked_after)
        merged = customers.create(SYSTEM, f"{word} merged", **looked_after)
        ids |= {"twin": twin, "merged": merged, "merge": merging.merge(SYSTEM, CUSTOMER, ids["person"], merged)}
        organisations.add_member(SYSTEM, ids["firm"], ids["person"], "admin")
        self._log(word, ids)
        hand = importlib.import_module("ecrm_plugins.segments.services.hand")
        hand.add(SYSTEM, self.shared["list"], [ids["person"], twin])
        duplicates.look_at(CUSTOMER, twin)
        pair = Prepared("SELECT uid FROM duplicate_pair ORDER BY id DESC LIMIT 1")
        ids["pair"] = str(pair.value())
        self._firms(word, ids, looked_after)
        duplicates.look_at(ORGANISATION, ids["firm_twin"])
        ids["firm_pair"] = str(pair.value())
        for other in (word,) if word != MINE else [*self.ids]:
            self._belong_together(other)

    def _firms(self, word: str, ids: dict[str, str], looked_after: dict[str, str]) -> None:
        """Another organisation that may be the same, and one that was."""
        twin, merged = (
            organisations.create(SYSTEM, f"{word} {name}", website=f"{word}.example", **looked_after)
            for name in ("works Ltd", "gone works")
        )
        firm_merge = merging.merge(SYSTEM, ORGANISATION, ids["firm"], merged)
        ids |= {"firm_twin": twin, "firm_merged": merged, "firm_merge": firm_merge}

    def _belong_together(self, word: str) -> None:
        """People of one family work for the other; of one of them it is the main organisation."""
        if MINE in self.ids and word != MINE:
            one, other = self.ids[MINE], self.ids[word]
            for firm, person in ((one, other["person"]), (other, one["person"]), (other, one["twin"])):
                organisations.add_member(SYSTEM, firm["firm"], person)

    def _log(self, word: str, ids: dict[str, str]) -> None:
        for subject, uid in ((CUSTOMER, ids["person"]), (ORGANISATION, ids["firm"])):
            for kind in ("note", "task"):
                wanted = activities.Wanted(
                    kind=kind, subject=f"{word} {kind}", text=f"{word} said", pinned=True
                )
                ids[kind] = activities.log(SYSTEM, subject, uid, wanted)
            ids["point"] = contacts.add_point(
                SYSTEM, subject, uid, kind="email", value=f"{word}@further.example"
            )
            ids["address"] = contacts.add_address(SYSTEM, subject, uid, street=f"{word} lane 2")
        wanted_plan = plans.Wanted(
            title=f"{word} plan", goal=f"{word} goal", review_on=clock.iso(clock.now())[:10]
        )
        ids["plan"] = plans.create(SYSTEM, ids["firm"], wanted_plan)
        ids["step"] = plans.add_step(SYSTEM, ids["firm"], ids["plan"], title=f"{word} step")

    def hide_more(self) -> None:
        """Another family that only those who see everybody may see."""
        with database.connection_context():
            self.make(NEW)
            notify([self.accounts[CLERK].id], "customers.task", title=f"{NEW} task", url="/customers")
            self.settle()

    def settle(self) -> None:
        """Deliver every event that waits."""
        while deliver_pending():
            pass
