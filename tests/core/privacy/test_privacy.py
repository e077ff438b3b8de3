from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server import clock
from ecrm_server.access import SYSTEM, Actor
from ecrm_server.audit import services as audit
from ecrm_server.consent import services as consents
from ecrm_server.data import Prepared
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.identity import profiles
from ecrm_server.kernel import current, plugins
from ecrm_server.kernel.site import Site
from ecrm_server.privacy import erasing, services

Person = Callable[..., Actor]


def gather(actor: Actor) -> str:
    """Ask for an export and let the job do its work. Returns the request's public id."""
    services.ask_for_export(actor)
    assert actor.account_id is not None
    uid: str = services.exports(actor.account_id)[0]["uid"]
    services.export(uid)
    return uid


def unpacked(actor: Actor, uid: str) -> dict[str, Any]:
    with services.open_export(actor, uid) as file:
        archive = zipfile.ZipFile(io.BytesIO(file.read()))
    texts = {name: archive.read(name).decode() for name in archive.namelist()}
    return {name: json.loads(text) if name.endswith(".json") else text for name, text in texts.items()}


def account_id(actor: Actor) -> int:
    assert actor.account_id is not None
    return actor.account_id


def test_the_archive_holds_what_every_part_stores(diary: Any, person: Person, deliver: Any) -> None:
    ada = person("Ada")
    diary.write(ada, "Dear diary")
    consents.give(ada, "news")
    deliver()
    found = unpacked(ada, gather(ada))
    assert found["diary.json"] == {"entries": ["Dear diary"]}
    assert found["identity.json"]["identity"]["account"]["email"] == "ada@example.org"
    assert found["customers.json"]["customers"]["name"] == "Ada"
    assert found["consent.json"]["consent"]["consents"][0]["purpose"] == "news"
    assert "password" not in json.dumps(found["identity.json"])
    for name in found.keys() - {"README.txt"}:
        assert name in found["README.txt"]


def test_an_export_fails_as_a_whole_when_a_part_does(diary: Any, person: Person) -> None:
    ada = person("Ada")
    diary.write(ada, "blot")
    with pytest.raises(ValueError, match="ink blot"):
        gather(ada)
    (row,) = services.exports(account_id(ada))
    assert (row["state"], row["file"]) == ("failed", None)
    assert "ink blot" in row["error"]
    diary.clean()
    services.try_again(SYSTEM, row["uid"])
    services.export(row["uid"])
    assert services.exports(account_id(ada))[0]["state"] == "ready"


def test_an_archive_is_its_owners_alone_and_ends_after_a_week(
    diary: Any, person: Person, movable_clock: Any
) -> None:
    ada, eve = person("Ada"), person("Eve", "admin")
    uid = gather(ada)
    with pytest.raises(NotFound):
        services.open_export(eve, uid)
    movable_clock.advance(7 * clock.DAY - 1)
    assert services.sweep() == 0
    services.open_export(ada, uid).close()
    movable_clock.advance(1)
    with pytest.raises(NotFound):
        services.open_export(ada, uid)
    assert services.sweep() == 1
    folder = current.generation().config.instance / "files"
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_one_export_at_a_time(diary: Any, person: Person) -> None:
    ada = person("Ada")
    services.ask_for_export(ada)
    with pytest.raises(Refusal, match="already"):
        services.ask_for_export(ada)


def test_erasure_forgets_the_person_everywhere_and_leaves_the_seals_valid(
    diary: Any, person: Person, deliver: Any
) -> None:
    ada = person("Ada")
    diary.write(ada, "Dear diary")
    profiles.change(ada, name="Ada Byron", handle="ada")
    gather(ada)
    deliver()
    assert audit.check().ok
    services.erase(account_id(ada), ada)
    assert diary.count() == 0
    assert profiles.by_account(account_id(ada)) is None
    for table in ("account", "profile", "customer", "audit_entry", "data_request", "notice"):
        rows = Prepared(f"SELECT * FROM {table}").rows()
        assert "Byron" not in json.dumps(rows), table
        assert "ada@example.org" not in json.dumps(rows), table
    assert audit.check().ok
    assert Prepared("SELECT state FROM data_request WHERE kind = 'erasure'").value() == "done"
    with pytest.raises(NotFound):
        services.erase(account_id(ada), SYSTEM)


def test_an_erasure_is_undone_as_a_whole_when_a_part_fails(diary: Any, person: Person, deliver: Any) -> None:
    ada = person("Ada")
    diary.write(ada, "blot")
    uid = gather_ignoring_blots(diary, ada)
    deliver()
    with pytest.raises(Refusal, match="tried again"):
        services.erase(account_id(ada), ada)
    request = Prepared("SELECT uid FROM data_request WHERE kind = 'erasure'").value()
    assert (
        Prepared("SELECT count(*) FROM job WHERE kind = 'privacy.erasure' AND state = 'queued'").value() == 1
    )
    profile = profiles.by_account(account_id(ada))
    assert profile is not None
    assert profile["name"] == "Ada"
    assert Prepared("SELECT email FROM customer").value() == "ada@example.org"
    services.open_export(ada, uid).close()
    assert Prepared("SELECT count(*) FROM event WHERE name = 'privacy.erased'").value() == 0
    row = Prepared("SELECT state, error FROM data_request WHERE kind = 'erasure'").row()
    assert row is not None
    assert row["state"] == "failed"
    assert "ink blot" in row["error"]
    diary.clean()
    services.try_again(SYSTEM, request)
    services.carry_out_erasure(request)
    assert profiles.by_account(account_id(ada)) is None


def gather_ignoring_blots(diary: Any, actor: Actor) -> str:
    diary.clean()
    uid = gather(actor)
    diary.write(actor, "blot")
    return uid


def test_a_part_that_was_off_forgets_when_it_is_on_again(site: Site, diary: Any, person: Person) -> None:
    ada, bob = person("Ada"), person("Bob")
    for author in (ada, bob):
        diary.write(author, "Dear diary")
    plugins.disable(site.config, "diary")
    site.refresh()
    services.erase(account_id(ada), SYSTEM)
    assert diary.count() == 2
    assert [debt["part"] for debt in erasing.debts()] == ["diary"]
    assert erasing.settle_debts() == 0
    plugins.enable(site.config, "diary")
    site.refresh()
    diary.write(ada, "blot")
    assert erasing.settle_debts() == 0
    assert "ink blot" in erasing.debts()[0]["error"]
    diary.clean()
    assert erasing.settle_debts() == 1
    assert diary.count() == 1
    assert erasing.debts() == []


def test_the_archive_names_parts_that_are_off(site: Site, diary: Any, person: Person) -> None:
    ada = person("Ada")
    plugins.disable(site.config, "diary")
    site.refresh()
    readme = unpacked(ada, gather(ada))["README.txt"]
    assert "switched off" in readme
    assert "- diary" in readme


def test_the_only_administrator_stays(diary: Any, person: Person) -> None:
    ada = person("Ada", "admin")
    with pytest.raises(Refusal, match="only administrator"):
        services.erase(account_id(ada), SYSTEM)
