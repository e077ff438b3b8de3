from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image

from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Conflict, Refusal
from ecrm_server.identity import privacy, profiles, services
from ecrm_server.identity.models import Account
from ecrm_server.identity.testing import PASSWORD, actor_of, make_account, session_key
from ecrm_server.kernel.site import Site
from tests.core.identity.conftest import Person

Persons = Callable[[], Person]


@pytest.mark.usefixtures("both_engines")
def test_names_repeat_and_handles_do_not(site: Site) -> None:
    for number in range(3):
        make_account("Ada Lovelace", email=f"a{number}@example.org")
    imported = [profiles.import_profile("bicycles", str(number), "Ada Lovelace") for number in range(2)]
    handles = [row[0] for row in Prepared("SELECT handle FROM profile ORDER BY id").tuples()]
    assert handles == ["ada-lovelace", *(f"ada-lovelace-{number}" for number in range(2, 6))]
    assert profiles.import_profile("bicycles", "1", "Ada King") == imported[1]
    assert len(handles) == Prepared("SELECT COUNT(*) FROM profile").value()


@pytest.mark.usefixtures("both_engines")
def test_people_of_one_name_can_register_at_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    free, others = profiles.free_handle, iter(("b@example.org", None))

    def overtaken(name: str) -> str:
        handle, other = free(name), next(others, None)
        if other:
            services.create_account(other, name)
        return handle

    monkeypatch.setattr(profiles, "free_handle", overtaken)
    services.create_account("a@example.org", "Ada Lovelace")
    assert profiles.by_handle("ada-lovelace-2") is not None


def test_names_of_any_script_get_a_handle(site: Site) -> None:
    assert [profiles.free_handle(name) for name in ("Łukasz Ż", "山田太郎", "!!!", "admin")] == [
        "łukasz-ż", "山田太郎", "person", "admin-2",
    ]  # fmt: skip


def test_a_mention_finds_the_handle_however_it_is_written(site: Site) -> None:
    make_account("Ada Lovelace")
    assert profiles.addresses({"Ada-LOVELACE", "nobody"}) == {"Ada-LOVELACE": "/people/ada-lovelace"}


def test_handles_are_checked_and_taken_ones_refused(site: Site) -> None:
    make_account("Ada")
    ben = actor_of(make_account("Ben"))
    for handle in ("a b", "", "../x", "x" * 41, ".x"):
        with pytest.raises(Refusal):
            profiles.change(ben, name="Ben", handle=handle)
    for handle in ("Ada", "admin"):
        with pytest.raises(Conflict):
            profiles.change(ben, name="Ben", handle=handle)
    profiles.change(ben, name="Ben Ali", handle="@Ben.Ali")
    found = profiles.by_handle("BEN.ALI")
    assert found is not None
    assert found["name"] == "Ben Ali"


def test_a_profile_page_answers_by_handle_and_leads_there_by_uid(site: Site, person: Persons) -> None:
    account = make_account("Ada Lovelace")
    visitor = person()
    assert "Ada Lovelace" in visitor.get("/people/ada-lovelace").text
    assert visitor.get(f"/people/{account.profile_uid}").location == "/people/ada-lovelace"
    assert visitor.get("/people/nobody").status_code == 404
    assert "@example.org" not in visitor.get("/people/ada-lovelace").text


def test_a_form_with_an_error_names_the_field(site: Site, person: Persons) -> None:
    ada = person().hold(session_key(make_account("Ada")))
    answer = ada.submit("/me", {"name": "Ada", "handle": "a b"})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert ada.submit("/me", {"name": "Ada", "handle": "ada", "roles": "admin"}).status_code == 422


def test_preferences_are_kept_and_unknown_ones_refused(site: Site, person: Persons) -> None:
    account = make_account("Ada")
    ada = person().hold(session_key(account))
    form = {"timezone": "Europe/Vienna", "theme": "dark", "density": "compact", "locale": ""}
    assert ada.submit("/me/preferences", form, page="/me").status_code == 302
    page = ada.get("/me").text
    assert 'data-theme="dark"' in page
    assert 'data-density="compact"' in page
    assert ada.submit("/me/preferences", form | {"timezone": "Mars/Base"}, page="/me").status_code == 422


def test_a_picture_is_written_anew_and_replaces_initials(site: Site, person: Persons) -> None:
    ada = person().hold(session_key(make_account("Ada")))
    content = io.BytesIO()
    Image.new("RGB", (900, 600), "teal").save(content, "PNG")
    content.seek(0)
    form = {"picture": (content, "me.png")}
    assert ada.submit("/me/picture", form, page="/me").status_code == 302
    url = profiles.by_handle("ada")["avatar"]  # type: ignore[index]
    picture = person().get(f"/files/{url}")
    assert picture.mimetype == "image/webp"
    assert max(Image.open(io.BytesIO(picture.data)).size) == 320
    ada.submit("/me/picture", {"remove": "1"}, page="/me")
    assert person().get(f"/files/{url}").status_code == 404


@pytest.mark.usefixtures("both_engines")
def test_an_erased_person_leaves_no_trace_of_the_name(site: Site) -> None:
    account = make_account("Canary Bird", ("staff",), email="canary@example.org")
    session_key(account)
    exported = privacy.export(account.id, account.profile_id)
    assert exported["account"]["email"] == "canary@example.org"
    assert PASSWORD not in repr(exported)
    assert "$argon2" not in repr(exported)
    with transaction():
        privacy.erase(account.id, account.profile_id)
    tables = (
        "account",
        "profile",
        "session",
        "api_key",
        "account_role",
        "account_group_member",
        "invitation",
    )
    for table in tables:
        assert "canary" not in repr(Prepared(f"SELECT * FROM {table}").rows()).lower(), table
    assert services.account_by_email("canary@example.org") is None
    make_account("New Bird", email="canary@example.org")


def test_deleting_asks_for_the_handle_and_signs_out(site: Site, person: Persons) -> None:
    account = make_account("Ada", email="ada@example.org")
    ada = person()
    ada.sign_in("ada@example.org", PASSWORD)
    assert ada.submit("/me/delete", {"handle": "ben"}).status_code == 422
    assert Account.get_by_id(account.id).active
    assert ada.submit("/me/delete", {"handle": "@ada"}).status_code == 302
    assert Account.get_by_id(account.id).deleted_at is not None
    assert ada.get("/me").status_code == 302
    assert "do not fit together" in person().sign_in("ada@example.org", PASSWORD).text


@pytest.mark.usefixtures("both_engines")
def test_administrators_see_and_filter_by_role(site: Site, person: Persons) -> None:
    root = make_account("Root", ("admin",), email="root@example.org")
    make_account("Mo", ("moderator", "staff"))
    make_account("Ada")
    browser = person().hold(session_key(root))
    page = browser.get("/admin/people").text
    assert "Moderator, Staff" in page
    assert {name for name in ("Root", "Mo", "Ada") if f">{name}</a>" in page} == {"Root", "Mo", "Ada"}
    page = browser.get("/admin/people?role=staff").text
    assert {name for name in ("Root", "Mo", "Ada") if f">{name}</a>" in page} == {"Mo"}
    assert '<option value="staff" selected>' in page


def test_the_only_administrator_cannot_leave(site: Site, person: Persons) -> None:
    make_account("Ada", ("admin",), email="ada@example.org")
    ada = person()
    ada.sign_in("ada@example.org", PASSWORD)
    assert ada.submit("/me/delete", {"handle": "ada"}).status_code == 422
    assert ada.get("/me").status_code == 200


def test_what_changes_the_sign_in_asks_for_the_password_again(site: Site, person: Persons) -> None:
    account = make_account("Ada", email="ada@example.org")
    from ecrm_server.identity import sessions

    limits = sessions.Limits(10**10, 10**10)
    stale = person().hold(sessions.open_for(account.id, {"fs_paa": 1}, limits))
    for path in ("/me/delete", "/me/email", "/me/two-factor", "/me/recovery-codes"):
        assert stale.get(path).location.startswith("/verify?next=")
    assert stale.submit("/verify", {"password": PASSWORD}).status_code == 302
    assert stale.get("/me/delete").status_code == 200
