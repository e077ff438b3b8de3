"""Staff see the site as somebody else: exactly what that person sees, looking only, and never unrecorded."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server import clock
from ecrm_server.access import SYSTEM, groups
from ecrm_server.access import services as access
from ecrm_server.data import Prepared, database, reading_only, transaction
from ecrm_server.errors import ReadingOnly
from ecrm_server.identity import privacy, services, sessions, viewing
from ecrm_server.identity.jobs import sweep_sessions
from ecrm_server.identity.testing import actor_of, make_account, session_key
from ecrm_server.kernel import current, state
from ecrm_server.kernel.site import Site
from ecrm_server.testing import MovableClock
from tests.core.identity.conftest import Person

Persons = Callable[[], Person]
AUDIT = Prepared(
    "SELECT action, actor_name, obj_uid, after FROM audit_entry WHERE action LIKE 'identity.view_as%' ORDER BY id"
)


class Staff:
    """An administrator at a browser, and Ada."""

    def __init__(self, person: Persons, *roles: str) -> None:
        self.account = make_account("Root", roles=roles or ("admin",))
        self.ada = make_account("Ada")
        self.browser = person().hold(session_key(self.account))

    def begin(self, target: Any = None, back: str = "/me") -> Any:
        uid = (target or self.ada).uid
        return self.browser.submit(f"/view-as/{uid}", {"next": back}, page="/me")

    def end(self) -> Any:
        return self.browser.submit("/view-as/end", page="/me")

    def sees(self) -> str:
        """Whose name is in the menu of the person."""
        found = re.search(r'class="menu-heading"><strong>([^<]+)', self.browser.get("/me").text)
        return found[1] if found else ""


@pytest.fixture
def staff(site: Site, person: Persons) -> Staff:
    return Staff(person)


def recorded() -> list[tuple[str, str]]:
    """What the audit log says of views: (began or ended, why)."""
    rows = [(row["action"].removeprefix("identity.view_as_"), json.loads(row["after"])) for row in AUDIT.rows()]
    return [(action, after.get("ended", "")) for action, after in rows]


def test_staff_see_what_the_person_sees_below_a_banner_and_come_back(staff: Staff) -> None:
    assert staff.begin(back="/admin/people").status_code == 303
    page = staff.browser.get("/me").text
    assert staff.sees() == "Ada"
    assert "You see the site as Ada." in page
    assert 'action="/view-as/end"' in page
    assert "/admin" not in page
    assert staff.browser.get("/admin").status_code == 403
    assert staff.end().location == "/admin/people"
    assert staff.sees() == "Root"
    assert "You see the site as Ada" not in staff.browser.get("/me").text


def test_pages_of_those_who_are_themselves_have_no_banner(staff: Staff) -> None:
    assert "data-viewing" not in staff.browser.get("/me").text


def test_error_pages_carry_the_banner_too(staff: Staff) -> None:
    staff.begin()
    for path in ("/nothing-here", "/admin"):
        assert 'data-viewing="' in staff.browser.get(path).text


def test_beginning_and_ending_are_recorded_with_both_names(staff: Staff) -> None:
    staff.begin()
    staff.end()
    began, ended = AUDIT.rows()
    for row in (began, ended):
        assert (row["actor_name"], row["obj_uid"], json.loads(row["after"])["person"]) == ("Root", staff.ada.uid, "Ada")
    assert recorded() == [("began", ""), ("ended", "back")]


def test_the_page_of_the_log_tells_it_in_words(staff: Staff) -> None:
    staff.begin()
    staff.end()
    page = staff.browser.get("/admin/audit").text
    assert "Began to view the site as somebody" in page
    assert re.search(f'href="/admin/people/{staff.ada.uid}"[^>]*>Ada<', page)


@pytest.mark.parametrize(
    "path, form",
    [
        ("/me", {"name": "Eve", "handle": "eve"}),
        ("/me/preferences", {"theme": "dark"}),
        ("/notices/read", {}),
        ("/visits", {"path": "/terms"}),
        ("/live/selftest", {}),
    ],
)
def test_every_change_is_refused_in_one_sentence(staff: Staff, path: str, form: dict[str, str]) -> None:
    staff.begin()
    answer = staff.browser.submit(path, form, page="/me")
    assert answer.status_code == 403
    assert "You see the site as Ada and can only look. Nothing was changed." in answer.text
    assert answer.text.count("can only look") == 2, "the banner keeps the sentence for scripts, the page says it"


@pytest.mark.parametrize(
    "path",
    ["/me/security", "/me/api-keys", "/me/delete", "/me/data", "/me/data/exports", "/me/password", "/me/email",
     "/me/two-factor", "/me/recovery-codes", "/verify", "/login"],
)  # fmt: skip
def test_what_is_for_the_persons_own_eyes_stays_closed(staff: Staff, path: str) -> None:
    staff.begin()
    answer = staff.browser.get(path)
    assert answer.status_code == 403
    assert "Only Ada sees this page" in answer.text


def test_programs_get_nothing_through_a_view(staff: Staff) -> None:
    staff.begin()
    answer = staff.browser.get("/api/v1/consent/mine")
    assert (answer.status_code, answer.mimetype) == (403, "application/problem+json")
    assert "can only look" in answer.json["detail"]  # type: ignore[index]


def test_a_view_does_not_touch_when_the_person_was_last_seen_nor_their_sessions(
    staff: Staff, movable_clock: MovableClock
) -> None:
    staff.begin()
    movable_clock.advance(5 * clock.MINUTE)
    staff.browser.get("/me")
    sessions.sweep()
    assert Prepared("SELECT last_seen_at FROM account WHERE id = ?").value(staff.ada.id) is None
    assert sessions.listed(staff.ada.id) == []


def test_a_view_ends_after_an_hour_and_staff_are_told(staff: Staff, movable_clock: MovableClock) -> None:
    staff.begin()
    movable_clock.advance(viewing.LASTS - clock.MINUTE)
    assert staff.sees() == "Ada"
    movable_clock.advance(clock.MINUTE)
    assert "You see the site as yourself again." in staff.browser.get("/me").text
    assert staff.sees() == "Root"
    assert recorded() == [("began", ""), ("ended", "time")]


def test_a_form_from_before_the_end_does_not_change_things_as_oneself(
    staff: Staff, movable_clock: MovableClock
) -> None:
    staff.begin()
    token = re.search(r'name="csrf_token" value="([^"]+)"', staff.browser.get("/me").text)
    assert token
    movable_clock.advance(viewing.LASTS)
    answer = staff.browser.post("/me", {"name": "Eve", "handle": "eve", "csrf_token": token[1]})
    assert answer.status_code == 400
    assert staff.sees() == "Root"


def test_a_view_that_nobody_comes_back_to_is_ended_by_the_sweep(staff: Staff, movable_clock: MovableClock) -> None:
    staff.begin()
    movable_clock.advance(viewing.LASTS)
    sweep_sessions(None)
    assert recorded() == [("began", ""), ("ended", "time")]


def test_signing_out_ends_the_view_and_signs_staff_out(staff: Staff) -> None:
    key, _ = staff.browser.key, staff.begin()
    assert staff.browser.submit("/logout", page="/me").status_code == 302
    assert staff.browser.hold(key).get("/me").status_code == 302, "asked to sign in"
    assert recorded() == [("began", ""), ("ended", "signed_out")]


def test_suspending_the_viewer_ends_it(staff: Staff) -> None:
    make_account("Other", roles=["admin"])
    staff.begin()
    services.suspend(SYSTEM, services.account_by_uid(staff.account.uid), reason="left")
    assert staff.browser.get("/me").status_code == 302
    assert recorded() == [("began", ""), ("ended", "signed_out")]


def test_suspending_the_person_ends_it(staff: Staff) -> None:
    staff.begin()
    services.suspend(SYSTEM, services.account_by_uid(staff.ada.uid), reason="spam")
    assert staff.sees() == "Root"
    assert recorded() == [("began", ""), ("ended", "account")]


def allow(role: str, *permissions: str) -> None:
    registry = current.generation().registry
    access.create_role(SYSTEM, role, role.capitalize())
    access.set_permissions(SYSTEM, {role: permissions}, list(registry.permissions.values()), {})


def helper(site: Site, person: Persons, *more: str) -> Staff:
    allow("helper", "identity.view_as", *more)
    site.refresh()
    return Staff(person, "helper")


def test_whoever_has_the_permission_alone_sees_members_as_they_are(site: Site, person: Persons) -> None:
    staff = helper(site, person)
    staff.begin()
    assert staff.sees() == "Ada"


def test_taking_the_permission_away_ends_it_at_once(site: Site, person: Persons) -> None:
    staff = helper(site, person)
    staff.begin()
    with transaction():
        Prepared("UPDATE role_permission SET allowed = ? WHERE permission = 'identity.view_as'").run(False)
        state.bump()
    site.refresh()
    assert staff.sees() == "Root"
    assert recorded() == [("began", ""), ("ended", "permission")]


def test_nobody_sees_the_site_as_somebody_who_may_do_more(site: Site, person: Persons) -> None:
    staff = helper(site, person)
    mo = make_account("Mo", roles=["moderator"])
    answer = staff.begin(mo)
    assert answer.status_code == 303
    assert "Mo may do things that you may not." in staff.browser.get(answer.location).text
    assert staff.sees() == "Root"
    assert recorded() == []


@pytest.mark.parametrize("through_group", [False, True])
def test_a_person_who_may_do_more_meanwhile_is_left(site: Site, person: Persons, through_group: bool) -> None:
    staff = helper(site, person)
    staff.begin()
    ada = services.account_by_uid(staff.ada.uid)
    if through_group:
        uid = groups.create_group(SYSTEM, "Team")
        groups.change_group(SYSTEM, uid, "Team", "", ["moderator"])
        groups.add_member(SYSTEM, uid, ada.id)
    else:
        services.set_roles(SYSTEM, ada, ["moderator"])
    assert staff.sees() == "Root"
    assert recorded() == [("began", ""), ("ended", "permission")]


def test_staff_without_the_permission_get_nowhere(site: Site, person: Persons) -> None:
    staff = Staff(person, "staff")
    assert staff.begin().status_code == 403
    assert recorded() == []


def test_one_does_not_look_as_oneself_nor_through_another_view_nor_as_the_suspended(staff: Staff) -> None:
    bea = make_account("Bea")
    services.suspend(SYSTEM, services.account_by_uid(bea.uid), reason="spam")
    for account, sentence in ((staff.account, "your own account"), (bea, "cannot sign in")):
        answer = staff.begin(account)
        assert sentence in staff.browser.get(answer.location).text
    staff.begin()
    assert staff.begin(bea).status_code == 403
    assert staff.sees() == "Ada"
    assert staff.browser.submit("/view-as/" + "1" * 12, page="/me").status_code == 403


def test_an_account_that_is_not_there_is_not_found(staff: Staff) -> None:
    assert staff.browser.submit("/view-as/" + "1" * 12, page="/me").status_code == 404


def test_one_comes_back_to_pages_of_this_site_only(staff: Staff) -> None:
    for back in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        staff.begin(back=back)
        assert staff.end().location == "/"


def test_the_person_sees_who_looked_and_takes_it_along(staff: Staff, person: Persons) -> None:
    staff.begin()
    staff.end()
    page = person().hold(session_key(staff.ada)).get("/me/security").text
    assert "Who saw the site as you" in page
    assert ">Root<" in page
    mine = privacy.export(staff.ada.id, staff.ada.profile_id)
    assert [row["name"] for row in mine["seen_by_staff"]] == ["Root"]


def test_the_address_is_shown_only_to_those_who_manage_accounts(site: Site, person: Persons) -> None:
    allow("helper", "identity.view_as")
    allow("manager", "identity.view_as", "identity.manage_accounts")
    site.refresh()
    ada = make_account("Ada", email="ada@example.org")
    row = {"viewing_until": clock.now() + clock.HOUR, "viewing_id": ada.id}
    for role, email in (("helper", ""), ("manager", "ada@example.org")):
        seen, _ = viewing.seen_by(actor_of(make_account(role, roles=[role])), row)
        assert seen is not None
        assert (seen.email, seen.name, seen.only_looks) == (email, "Ada", True)


def test_the_banner_speaks_to_staff_whatever_language_the_person_has(
    make_site: Callable[..., Site], person: Persons
) -> None:
    site = make_site(pseudo_locales=True)
    staff = Staff(lambda: Person(site))
    services.set_preferences(actor_of(staff.ada), locale="ar_XB")
    services.set_preferences(actor_of(staff.account), locale="en")
    staff.begin()
    page = staff.browser.get("/me").text
    assert '<html lang="ar-XB" dir="rtl"' in page
    assert 'lang="en" dir="ltr" aria-label="You see the site as Ada."' in page


def test_two_requests_that_notice_the_end_record_it_once(staff: Staff, both_engines: str) -> None:
    staff.begin()
    row = sessions.find(Prepared("SELECT key_hash FROM session WHERE viewing_id IS NOT NULL").value())
    assert row is not None
    assert [viewing.end(row, viewing.TIME), viewing.end(row, viewing.TIME)] == [True, False]
    assert recorded() == [("began", ""), ("ended", "time")]


def test_code_that_may_only_read_reads_and_changes_nothing(site: Site, both_engines: str) -> None:
    account = make_account("Ada")
    writes: list[Callable[[], object]] = [
        lambda: services.set_unread_notices(account.id, 3),
        lambda: services.create_account("eve@example.org", "Eve"),
        lambda: database.execute_many("DELETE FROM account WHERE id = ?", [(account.id,)]),
        lambda: database.execute_sql("/* harmless */ DELETE FROM account"),
        lambda: database.execute_sql(" with gone as (select 1) delete from account"),
        lambda: database.execute_sql("\tWITH gone AS (SELECT 1) DELETE FROM account"),
        lambda: database.execute_sql("WITH one AS (SELECT 1) UPDATE account AS a SET unread_notices = 1"),
        lambda: database.execute_sql("EXPLAIN ANALYZE UPDATE account SET unread_notices = 1"),
        lambda: database.execute_sql("CREATE TABLE more (id INTEGER)"),
    ]
    with reading_only():
        for write in writes:
            with pytest.raises(ReadingOnly):
                write()
        with transaction():
            assert actor_of(account).name == "Ada"
            assert Prepared("SELECT id FROM account WHERE id = ?", lock=True).value(account.id) == account.id
        assert Prepared("WITH mine AS (SELECT 1) SELECT * FROM mine").value() == 1
        locked = Prepared("WITH mine AS (SELECT 1) SELECT id FROM account WHERE id = ?", lock=True)
        assert locked.value(account.id) == account.id
    services.set_unread_notices(account.id, 3)
    assert actor_of(account).unread_notices == 3
