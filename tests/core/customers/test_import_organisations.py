"""Customers from files with the organisation they belong to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server.access import SYSTEM
from ecrm_server.customers import organisations, services
from ecrm_server.data import Prepared
from ecrm_server.importing.problems import InputError

pytestmark = pytest.mark.usefixtures("both_engines", "site")

_MEMBERS = Prepared(
    "SELECT c.name, o.name, m.role, c.organisation_id = o.id FROM membership m JOIN customer c ON c.id = m.customer_id"
    " JOIN organisation o ON o.id = m.organisation_id ORDER BY c.name, o.name"
)
_NAMES = Prepared("SELECT name FROM organisation ORDER BY name")
ADD = {"Company": "add"}


def members() -> list[tuple[str, str, str, bool]]:
    """Who belongs where, as what, and whether mainly."""
    return [(*row[:3], bool(row[3])) for row in _MEMBERS.tuples()]


def test_an_organisation_is_found_by_number_name_or_id(bring: Any) -> None:
    cogs = organisations.create(SYSTEM, "Cogs", number="O-1")
    text = f"Name,Number,Company,Role\nAda,1,o-1,admin\nBo,2,COGS,\nCy,3,{cogs},Member\nDot,4,,\n"
    counts, _ = bring("customers", text)
    assert counts["created"] == 4
    assert members() == [
        ("Ada", "Cogs", "admin", True), ("Bo", "Cogs", "member", True), ("Cy", "Cogs", "member", True),
    ]  # fmt: skip
    assert bring("customers", text)[0]["unchanged"] == 4


def test_one_that_is_unknown_fails_is_left_out_or_is_added(bring: Any, emitted: Callable[..., list[Any]]) -> None:
    text = "Name,Number,Company\nAda,1,Cogs\nBo,2,cogs \nCy,3,Dogs\n"
    with pytest.raises(InputError, match="row 2: Company is 'Cogs', which is no organisation here"):
        bring("customers", text)
    counts, _ = bring("customers", text, unfit={"Company": "leave out"})
    assert (counts["created"], counts["cells left out"], members()) == (3, 3, [])
    counts, _ = bring("customers", text, unfit=ADD)
    assert (counts["updated"], counts["organisations added"]) == (3, 2)
    assert members() == [
        ("Ada", "Cogs", "member", True), ("Bo", "Cogs", "member", True), ("Cy", "Dogs", "member", True),
    ]  # fmt: skip
    again, _ = bring("customers", text, unfit=ADD)
    assert (again["unchanged"], again.get("organisations added", 0)) == (3, 0)
    assert len(emitted("customers.organisation_created")) == 2
    assert len(emitted("customers.member_added")) == 3


def test_the_organisation_of_a_new_customer_is_made_once_for_all_rows(bring: Any, take_back: Any) -> None:
    rows = "".join(f"Customer {n},{n},{'Cogs' if n % 2 else 'Dogs'},admin\n" for n in range(1_200))
    counts, uid = bring("customers", "Name,Number,Company,Role\n" + rows, unfit=ADD)
    assert (counts["created"], counts["organisations added"]) == (1_200, 2)
    assert Prepared("SELECT COUNT(*) FROM membership WHERE role = 'admin'").value() == 1_200
    assert Prepared("SELECT COUNT(*) FROM customer WHERE organisation_id IS NULL").value() == 0
    plan, done = take_back(uid)
    assert (plan.refusals, done["removed"], done["kept"]) == ([], 1_202, 0)
    assert (_NAMES.tuples(), members()) == ([], [])


def test_an_added_organisation_stays_when_somebody_built_on_it(bring: Any, take_back: Any) -> None:
    _, uid = bring("customers", "Name,Number,Company\nAda,1,Cogs\nBo,2,Dogs\nCy,3,Eels\n", unfit=ADD)
    found = dict(Prepared("SELECT name, uid FROM organisation").tuples())
    organisations.add_member(SYSTEM, found["Cogs"], services.create(SYSTEM, "Dot"))
    organisations.change(SYSTEM, found["Dogs"], website="dogs.example")
    plan, done = take_back(uid)
    assert (plan.refusals, done["removed"], done["kept"]) == ([], 4, 2)
    assert _NAMES.tuples() == [("Cogs",), ("Dogs",)]
    assert members() == [("Dot", "Cogs", "member", True)]


def test_undo_gives_back_who_belonged_where(bring: Any, take_back: Any) -> None:
    cogs, dogs = organisations.create(SYSTEM, "Cogs"), organisations.create(SYSTEM, "Dogs")
    ada, bo = (services.create(SYSTEM, name, number=name) for name in ("Ada", "Bo"))
    organisations.add_member(SYSTEM, cogs, ada, "admin")
    organisations.add_member(SYSTEM, dogs, ada, "admin")
    before = members()
    counts, uid = bring("customers", "Number,Company,Role\nAda,Dogs,member\nBo,Eels,admin\n", unfit=ADD)
    assert counts["updated"] == 2
    assert members() == [
        ("Ada", "Cogs", "admin", False), ("Ada", "Dogs", "member", True), ("Bo", "Eels", "admin", True),
    ]  # fmt: skip
    organisations.add_member(SYSTEM, cogs, bo)
    plan, done = take_back(uid)
    assert (plan.refusals, done["restored"], done["removed"]) == ([], 2, 1)
    assert members() == [*before, ("Bo", "Cogs", "member", True)]


def test_a_role_goes_with_its_organisation(bring: Any) -> None:
    cogs = organisations.create(SYSTEM, "Cogs")
    organisations.create(SYSTEM, "Dogs")
    organisations.add_member(SYSTEM, cogs, services.create(SYSTEM, "Ada", number="1"), "admin")
    bring("customers", "Number,Company,Role\n1,Dogs,admin\n")
    assert members() == [("Ada", "Cogs", "admin", False), ("Ada", "Dogs", "admin", True)]
    counts, _ = bring("customers", "Number,Role\n1,member\n")
    assert (counts["updated"], members()[1]) == (1, ("Ada", "Dogs", "member", True))
    with pytest.raises(InputError, match="row 2: Role in the organisation needs an organisation"):
        bring("customers", "Number,Role\n2,member\n")


def test_local_edits_of_the_organisation_win(bring: Any) -> None:
    text = "Name,Number,Company\nAda,1,Cogs\n"
    bring("customers", text, unfit=ADD)
    ada = Prepared("SELECT uid FROM customer").value()
    cogs = Prepared("SELECT uid FROM organisation").value()
    organisations.add_member(SYSTEM, organisations.create(SYSTEM, "Dogs"), ada)
    organisations.remove_member(SYSTEM, cogs, ada)
    counts, _ = bring("customers", text, unfit=ADD)
    assert (counts["unchanged"], counts["local edits kept"]) == (1, 1)
    assert members() == [("Ada", "Dogs", "member", True)]


@pytest.mark.parametrize(
    "name, sentence",
    [
        ("Cogs", "Company is 'Cogs', as several organisations are called; write the number"),
        ("x" * 161, "Organisation cannot be added: Use at most 160 characters."),
    ],
)
def test_a_name_that_cannot_be_meant_or_made_fails(bring: Any, name: str, sentence: str) -> None:
    for number in ("1", "2"):
        organisations.create(SYSTEM, "Cogs", number=number)
    with pytest.raises(InputError, match=sentence):
        bring("customers", f"Name,Number,Company\nAda,1,{name}\n", unfit=ADD)
    assert Prepared("SELECT COUNT(*) FROM customer").value() == 0
