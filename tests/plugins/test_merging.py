"""Merging and undoing it restores every row of every table, of the core and of all bundled plugins.

A table that points to a customer or an organisation and that nobody fills here makes the test fail: say below how a row
of it comes to be, and let its part move it when two are merged.
"""

from __future__ import annotations

import importlib
import itertools
import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st

from ecrm_server import clock
from ecrm_server.access import SYSTEM, Actor
from ecrm_server.customers import (
    activities,
    changing,
    claims,
    contacts,
    fields,
    merging,
    organisations,
    plans,
)
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION, SUBJECTS, Subject
from ecrm_server.data import Prepared, database
from ecrm_server.data.database import is_postgres
from ecrm_server.errors import EcrmError, Refusal
from ecrm_server.events.delivery import deliver_pending
from ecrm_server.identity.testing import actor_of, make_account
from ecrm_server.jobs.run import Run
from ecrm_server.kernel.site import Site
from ecrm_server.reference.trial import bundled_names
from ecrm_server.testing import MovableClock

pytestmark = pytest.mark.usefixtures("both_engines")

Filler = Callable[["Shop", Subject, str, int], None]
_number = itertools.count(1)
_POINTS = re.compile(r"(^|_)(customer|organisation)(_id|_uid)?$")

LOGS = re.compile(
    r"event(_delivery)?|audit_\w+|seal(_chain)?|job(_schedule)?|mail|notice|invitation|customer_merge|duplicate_pair"
    r"|segments_(passage|next|touched)|channel(_message)?|search_\w+|\w+_migration|import_\w+|session"
)
"""Tables that tell what happened, or when something is to be looked at again; all others are as before."""
CHANGES = {
    "customer": {"version", "updated_at"}, "organisation": {"version", "updated_at"},
    "segments_state": {"version"}, "segments_member": {"since"},
}  # fmt: skip
"""Columns that tell that something happened."""


class Shop:
    """A site with all bundled plugins, and people and firms with a row in each table."""

    def __init__(self, site: Site, staff: Actor) -> None:
        self.staff = staff
        for subject in (CUSTOMER, ORGANISATION):
            wanted = fields.Wanted(title="Awards", kind="choices", choices="Gold\nSilver\nTin")
            fields.add(SYSTEM, subject, wanted)
            fields.add(SYSTEM, subject, fields.Wanted(title="Size", kind="text"))
        site.dispatcher.refresh(wait=True)
        self.other = {
            CUSTOMER: [organisations.create(SYSTEM, name) for name in ("Cogs", "Gears")],
            ORGANISATION: [changing.make(SYSTEM, CUSTOMER, {"name": name}) for name in ("Eve", "Finn")],
        }
        editing, building = (_segments(name) for name in ("editing", "building"))
        self.list = editing.create(SYSTEM, "List")
        tree = {"trait": "customers.tags", "op": "has any of", "value": ["vip"]}
        building.build(editing.create(SYSTEM, "Rule", rule=tree), Run("", {}, None, 1))

    def make(self, subject: Subject, facts: Mapping[str, Any], what: list[str], chance: int) -> str:
        """One with some facts, and a row in some tables."""
        own = {"number": f"N{next(_number)}"} if "number" in facts else {}
        uid = changing.make(SYSTEM, subject, {"name": f"One {next(_number)}", **facts, **own})
        for name in what:
            FILLERS[name](self, subject, uid, chance)
        settle()
        return uid


def _segments(name: str) -> Any:
    return importlib.import_module(f"ecrm_plugins.segments.services.{name}")


def settle() -> None:
    """Deliver what waits, and look at whoever is to be looked at."""
    while deliver_pending():
        pass
    _segments("following").tick()


def _points(shop: Shop, subject: Subject, uid: str, chance: int) -> None:
    kind, value = ("phone", f"030 55501{chance % 3}") if chance % 2 else ("email", f"p{chance % 3}@x.example")
    contacts.add_point(shop.staff, subject, uid, kind=kind, value=value)


def _addresses(shop: Shop, subject: Subject, uid: str, chance: int) -> None:
    for city in ("Köln", "Wien")[: 1 + chance % 2]:
        contacts.add_address(shop.staff, subject, uid, city=city, country="DE")


def _removed(shop: Shop, subject: Subject, uid: str, chance: int) -> None:
    point = contacts.add_point(shop.staff, subject, uid, kind="email", value=f"gone{chance}@x.example")
    contacts.remove_point(shop.staff, subject, uid, point)


def _tags(shop: Shop, subject: Subject, uid: str, chance: int) -> None:
    changing.change(SYSTEM, subject, uid, None, {"tags": ["vip", "press", "new"][: 1 + chance % 3]})


def _choices(shop: Shop, subject: Subject, uid: str, chance: int) -> None:
    changing.change(SYSTEM, subject, uid, None, {"x_awards": ["gold", "silver", "tin"][chance % 3 :]})


def _log(shop: Shop, subject: Subject, uid: str, chance: int) -> None:
    kind = list(activities.KINDS)[chance % 3]
    wanted = activities.Wanted(kind=kind, subject="About", text="Said", pinned=bool(chance % 2))
    activities.log(shop.staff, subject, uid, wanted)


def _memberships(shop: Shop, subject: Subject, uid: str, chance: int) -> None:
    for number, other in enumerate(shop.other[subject][: 1 + chance % 2]):
        role = ("member", "admin")[(chance + number) % 2]
        pair = (other, uid) if subject is CUSTOMER else (uid, other)
        organisations.add_member(SYSTEM, *pair, role)


def _plans(shop: Shop, subject: Subject, uid: str, chance: int) -> None:
    if subject is ORGANISATION:
        plan = plans.create(shop.staff, uid, plans.Wanted(title="Grow"))
        plans.add_step(shop.staff, uid, plan, title="Visit")


def _claims(shop: Shop, subject: Subject, uid: str, chance: int) -> None:
    if subject is CUSTOMER:
        claims.invite(shop.staff, uid, f"invited{next(_number)}@x.example")


def _lists(shop: Shop, subject: Subject, uid: str, chance: int) -> None:
    if subject is CUSTOMER:
        _segments("hand").add(SYSTEM, shop.list, [uid])


def _purchases(shop: Shop, subject: Subject, uid: str, chance: int) -> None:
    """As a plugin with orders would have them summed up."""
    if subject is CUSTOMER:
        Prepared(
            "INSERT INTO segments_purchases (customer_id, currency, first_at, last_at, orders, spent)"
            " SELECT id, 'EUR', 1, 2, 3, ? FROM customer WHERE uid = ? ON CONFLICT DO NOTHING"
        ).run(chance, uid)


def _by_itself(shop: Shop, subject: Subject, uid: str, chance: int) -> None:
    """Filled by what is known of somebody: memberships, and the words by which one is found."""


FILLERS: dict[str, Filler] = {
    "contact_point": _points, "address": _addresses, "customer_removed": _removed, "customer_tag": _tags,
    "organisation_tag": _tags, "custom_choice": _choices, "activity": _log, "membership": _memberships,
    "customer": _memberships, "account_plan": _plans, "customer_claim": _claims, "segments_member": _lists,
    "segments_purchases": _purchases, "segments_passage": _by_itself, "segments_next": _by_itself,
    "segments_touched": _by_itself, "customer_key": _by_itself, "organisation_key": _by_itself,
}  # fmt: skip
"""Table -> how one of its rows comes to hang on somebody."""


@pytest.fixture
def shop(make_site: Any, tmp_path: Any, movable_clock: MovableClock) -> Shop:
    site = make_site(*bundled_names(tmp_path))
    return Shop(site, actor_of(make_account("Stella", roles=("staff",))))


def tables() -> dict[str, list[str]]:
    """Table -> columns."""
    if is_postgres():
        rows = Prepared(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " ORDER BY table_name, ordinal_position"
        ).tuples()
    else:
        names = [row[0] for row in Prepared("SELECT name FROM sqlite_master WHERE type = 'table'").tuples()]
        rows = [(name, column.name) for name in sorted(names) for column in database.get_columns(name)]
    found: dict[str, list[str]] = {}
    for name, column in rows:
        found.setdefault(name, []).append(column)
    return found


def test_every_table_that_points_to_somebody_is_filled_here(shop: Shop) -> None:
    pointing = {
        name
        for name, columns in tables().items()
        for column in columns
        if _POINTS.search(column)
        or any(key.column == column and key.dest_table in SUBJECTS for key in database.get_foreign_keys(name))
    }
    assert pointing - {"customer_merge", "organisation"} == set(FILLERS)


def whole() -> dict[str, list[str]]:
    """Everything that stands in the tables, but for logs."""
    found = {}
    for name, columns in tables().items():
        if not LOGS.fullmatch(name):
            kept = ", ".join(column for column in columns if column not in CHANGES.get(name, ()))
            rows = Prepared(f"SELECT {kept} FROM {name}").tuples()
            found[name] = sorted(json.dumps(row, default=str) for row in rows)
    return found


_facts = st.fixed_dictionaries(
    {},
    optional={
        "email": st.sampled_from(["a@x.example", "b@x.example"]), "phone": st.sampled_from(["030 555", "030 777"]),
        "number": st.just("N"), "city": st.sampled_from(["Bonn", "Ulm"]),
        "country": st.sampled_from(["DE", "FR"]), "x_size": st.sampled_from(["Straße", "7"]),
        "stage": st.sampled_from(["lead", "customer"]),
    },
)  # fmt: skip
_what = st.lists(st.sampled_from(sorted(FILLERS)), unique=True, max_size=len(FILLERS))
_one = st.tuples(_facts, _what, st.integers(0, 5))
_merge = st.tuples(
    st.integers(0, 3), st.integers(0, 3), st.lists(st.sampled_from(["name", "email", "phone", "stage"]))
)


@pytest.mark.parametrize("name", sorted(SUBJECTS))
def test_undoing_restores_every_row(shop: Shop, movable_clock: MovableClock, name: str) -> None:
    subject = SUBJECTS[name]

    @settings(max_examples=12, phases=(Phase.generate,))
    @given(st.lists(_one, min_size=3, max_size=4), st.lists(_merge, min_size=1, max_size=3), st.randoms())
    def restore(some: list[Any], wanted: list[Any], chance: Any) -> None:
        people = [shop.make(subject, *one) for one in some]
        before = whole()
        done: list[str] = []
        for kept, merged, take in wanted:
            movable_clock.advance(clock.HOUR)
            try:
                pair = people[kept % len(people)], people[merged % len(people)]
                done.append(merging.merge(SYSTEM, subject, *pair, take))
            except Refusal as refusal:
                note(refusal.message)
                continue
            settle()
        while done:
            movable_clock.advance(clock.HOUR)
            which = chance.randrange(len(done))
            if undone(subject, done[which]):
                del done[which]
            else:
                assert which < len(done) - 1
            settle()
        assert whole() == before

    restore()


def undone(subject: Subject, merge: str) -> bool:
    """Undo a merge; a refusal is a sentence, and changes nothing."""
    before = whole()
    try:
        merging.undo(SYSTEM, subject, merge)
    except Refusal as refusal:
        sentence = refusal.message
    else:
        return True
    assert re.fullmatch(r"Undo the later merge of '.+' first\.", sentence)
    assert whole() == before
    return False


def _main_point(shop: Shop, subject: Subject, uid: str, chance: int) -> None:
    for point in contacts.points(shop.staff, subject, _key(uid))[:1]:
        contacts.make_main(shop.staff, subject, uid, point["uid"])


def _main_address(shop: Shop, subject: Subject, uid: str, chance: int) -> None:
    for address in contacts.addresses(shop.staff, subject, _key(uid))[-1:]:
        contacts.make_main_address(shop.staff, subject, uid, address["uid"])


def _leave(shop: Shop, subject: Subject, uid: str, chance: int) -> None:
    organisations.remove_member(SYSTEM, shop.other[subject][chance % 2], uid)


def _untag(shop: Shop, subject: Subject, uid: str, chance: int) -> None:
    changing.change(SYSTEM, subject, uid, None, {"tags": [], "x_awards": [], "x_size": "9"})


def _off_list(shop: Shop, subject: Subject, uid: str, chance: int) -> None:
    _segments("hand").remove(SYSTEM, shop.list, [uid])


def _archived(shop: Shop, subject: Subject, uid: str, chance: int) -> None:
    act = _segments("editing").archive if chance % 2 else _segments("editing").restore
    act(SYSTEM, shop.list)


def _key(uid: str) -> int:
    return int(Prepared("SELECT id FROM customer WHERE uid = ?").value(uid))


BETWEEN: dict[str, Filler] = {
    **FILLERS, "main contact": _main_point, "main address": _main_address, "leave": _leave, "untag": _untag,
    "off the list": _off_list, "archive": _archived,
}  # fmt: skip


def test_nothing_is_lost_by_what_happens_between(shop: Shop) -> None:
    steps = st.lists(st.tuples(st.sampled_from(sorted(BETWEEN)), st.integers(0, 5)), max_size=6)

    @settings(max_examples=12, phases=(Phase.generate,))
    @given(_one, _one, steps)
    def keep(one: Any, other: Any, since: list[Any]) -> None:
        _segments("editing").restore(SYSTEM, shop.list)
        kept, merged = shop.make(CUSTOMER, *one), shop.make(CUSTOMER, *other)
        before = _reached()
        uid = merging.merge(SYSTEM, CUSTOMER, kept, merged)
        for what, chance in since:
            note(what)
            with suppress(EcrmError):
                BETWEEN[what](shop, CUSTOMER, kept, chance)
        settle()
        _expect_whole(kept, merged)
        after = _reached()
        merging.undo(SYSTEM, CUSTOMER, uid)
        settle()
        _expect_whole(kept, merged)
        assert before <= _reached()
        assert after <= _reached()

    keep()


def _reached() -> set[tuple[str, str]]:
    """Every address, number and activity that is kept, wherever."""
    return {
        *Prepared("SELECT 'email', email_key FROM customer WHERE email_key IS NOT NULL").tuples(),
        *Prepared("SELECT 'phone', phone_key FROM customer WHERE phone_key IS NOT NULL").tuples(),
        *Prepared("SELECT kind, value_key FROM contact_point").tuples(),
        *Prepared("SELECT 'activity', uid FROM activity").tuples(),
        *Prepared("SELECT 'address', uid FROM address").tuples(),
    }


def _expect_whole(*uids: str) -> None:
    """One main address where there are addresses, told by the row; a main organisation where one belongs to some."""
    for uid in uids:
        row = Prepared("SELECT id, city, organisation_id, merged_into_id FROM customer WHERE uid = ?").row(
            uid
        )
        assert row is not None
        places = Prepared("SELECT city, main FROM address WHERE customer_id = ?").rows(row["id"])
        mains = [place["city"] for place in places if place["main"]]
        firms = {
            found
            for (found,) in Prepared("SELECT organisation_id FROM membership WHERE customer_id = ?").tuples(
                row["id"]
            )
        }
        if row["merged_into_id"] is not None:
            assert places == []
            assert firms == set()
            continue
        assert len(mains) == bool(places)
        assert (row["city"] or "") == (mains[0] if mains else "")
        assert row["organisation_id"] in firms if firms else row["organisation_id"] is None
    for segment, count in Prepared("SELECT id, member_count FROM segments_segment").tuples():
        kept = Prepared("SELECT COUNT(*) FROM segments_member WHERE segment_id = ?").value(segment)
        assert count == kept
