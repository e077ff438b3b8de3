from __future__ import annotations

from collections.abc import Callable

import pytest

from ecrm_server import clock
from ecrm_server.access import SYSTEM
from ecrm_server.data import Prepared
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.identity import actors, apikeys, services
from ecrm_server.identity.testing import PASSWORD, actor_of, make_account
from ecrm_server.kernel.site import Site
from tests.core.identity.conftest import Person

pytestmark = pytest.mark.usefixtures("both_engines")


def test_a_key_may_what_its_owner_may_and_its_scopes_name(site: Site) -> None:
    actor = actor_of(make_account("Ada", ("admin",)))
    key = apikeys.create(actor, "Script", ["identity.invite"])
    by_key = actors.of_key(key)
    assert by_key is not None
    assert by_key.account_id == actor.account_id
    assert by_key.permissions == {"identity.invite"}
    assert not by_key.may("identity.manage_accounts")


def test_a_key_loses_what_its_owner_loses(site: Site) -> None:
    account = make_account("Ada", ("staff",))
    key = apikeys.create(actor_of(account), "Script", ["identity.invite"])
    services.set_roles(SYSTEM, account, [])
    by_key = actors.of_key(key)
    assert by_key is not None
    assert not by_key.permissions
    services.suspend(SYSTEM, account, reason="Spam.")
    assert actors.of_key(key) is None


def test_nobody_makes_a_key_for_more_than_they_may(site: Site) -> None:
    actor = actor_of(make_account("Ada"))
    with pytest.raises(Refusal):
        apikeys.create(actor, "Script", ["identity.manage_accounts"])
    with pytest.raises(Refusal):
        apikeys.create(actor, "Script", [])


def test_a_key_is_stored_only_as_its_hash(site: Site) -> None:
    key = apikeys.create(actor_of(make_account("Ada", ("staff",))), "Script", ["identity.invite"])
    secret = key.rpartition("_")[2]
    for table in ("api_key", "event", "session"):
        assert secret not in repr(Prepared(f"SELECT * FROM {table}").rows())


def test_a_key_ends(site: Site, movable_clock: object) -> None:
    actor = actor_of(make_account("Ada", ("staff",)))
    key = apikeys.create(actor, "Script", ["identity.invite"], days=1)
    assert actors.of_key(key) is not None
    movable_clock.advance(2 * clock.DAY)  # type: ignore[attr-defined]
    assert actors.of_key(key) is None


def test_a_revoked_key_is_dead_and_only_its_owner_revokes_it(site: Site) -> None:
    ada, ben = (actor_of(make_account(name, ("staff",))) for name in ("Ada", "Ben"))
    key = apikeys.create(ada, "Script", ["identity.invite"])
    uid = apikeys.listed(ada.account_id or 0)[0]["uid"]
    with pytest.raises(NotFound):
        apikeys.revoke(ben, uid)
    assert actors.of_key(key) is not None
    apikeys.revoke(ada, uid)
    assert actors.of_key(key) is None


@pytest.mark.parametrize("key", ["", "ecrm_", "ecrm_abc", "ecrm_abc_", "other_abc_def", "ecrm_abc_def"])
def test_what_is_no_key_is_refused(site: Site, key: str) -> None:
    assert actors.of_key(key) is None


def test_a_key_opens_the_api_and_not_the_pages(site: Site, person: Callable[[], Person]) -> None:
    key = apikeys.create(actor_of(make_account("Ada", ("staff",))), "Script", ["identity.invite"])
    headers = {"Authorization": f"Bearer {key}"}
    program = person()
    assert program.get("/me", headers=headers).status_code == 302
    assert program.get("/api/v1/openapi.json", headers=headers).status_code == 200
    wrong = program.get("/api/v1/openapi.json", headers={"Authorization": "Bearer ecrm_a_b"})
    assert wrong.status_code == 401
    assert not program.key


def test_a_key_is_made_in_the_account_area_and_shown_once(site: Site, person: Callable[[], Person]) -> None:
    make_account("Ada", ("staff",), email="ada@example.org")
    ada = person()
    ada.sign_in("ada@example.org", PASSWORD)
    page = ada.submit("/me/api-keys", {"name": "Script", "scopes": "identity.invite", "days": "30"})
    made = page.text.partition('<code class="secret">')[2].partition("<")[0]
    assert actors.of_key(made) is not None
    assert made not in ada.get("/me/api-keys").text
