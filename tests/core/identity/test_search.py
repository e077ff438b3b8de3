"""People are found on the search page as they are called now, and no longer once they are gone."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ecrm_server.data import Prepared, transaction
from ecrm_server.identity import actors, demo, profiles, search
from ecrm_server.identity import privacy as identity_privacy
from ecrm_server.identity.testing import actor_of, make_account
from ecrm_server.kernel.site import Site
from ecrm_server.search import index
from ecrm_server.search.palette import palette
from ecrm_server.testing import Browser

pytestmark = pytest.mark.usefixtures("both_engines")


def found(text: str) -> list[tuple[str, str, str]]:
    hits = index.query(text, actors.anonymous(), kinds=[search.KIND]).hits
    return [(hit.title, hit.url, hit.excerpt) for hit in hits]


@pytest.mark.plugins("forums")
def test_people_are_found_by_name_and_handle(site: Site, visitor: Browser) -> None:
    make_account("Ada Lovelace", handle="countess")
    ada = ("Ada Lovelace", "/people/countess", "@countess")
    assert [found(text) for text in ("ada", "lovel", "@countess", "charles")] == [[ada], [ada], [ada], []]
    page = visitor.get("/search?q=lovelace&kind=identity.person").text
    assert 'href="/people/countess"' in page
    assert re.search(r'<option value="identity.person"[^>]*>People</option>', page)


def test_a_new_name_is_found_and_the_old_one_is_not(site: Site) -> None:
    account = make_account("Ada Lovelace")
    profiles.change(actor_of(account), name="Augusta King", handle="augusta")
    assert found("lovelace") == []
    assert found("king") == [("Augusta King", "/people/augusta", "@augusta")]


def test_former_members_and_authors_elsewhere_are_not_found(site: Site) -> None:
    account = make_account("Ada Lovelace")
    profiles.import_profile("elsewhere.example", "7", "Charles Babbage")
    with transaction():
        identity_privacy.erase(account.id, account.profile_id)
    for text in ("lovelace", "former", "babbage"):
        assert found(text) == []
        assert [row for row in profiles.complete(text) if row["name"] != "Charles Babbage"] == []
    assert search.put_everybody() == 0


def test_the_demo_s_people_go_with_the_demo(site: Site) -> None:
    demo.load()
    assert len(found("demo")) == len(demo.PEOPLE)
    demo.remove()
    assert Prepared("SELECT COUNT(*) FROM search_document WHERE kind = ?").value(search.KIND) == 0


def test_people_of_an_older_site_are_put_in_by_the_job(site: Site) -> None:
    make_account("Ada Lovelace")
    index.forget_kind(search.KIND)
    assert found("lovelace") == []
    assert search.put_everybody() == 1
    assert len(found("lovelace")) == 1


def test_the_palette_shows_each_person_once(site: Site) -> None:
    account: Any = make_account("Ada Lovelace")
    groups = palette("ada", actor_of(account))
    assert [(group.label, [item[0] for item in group.items]) for group in groups] == [
        ("People", ["Ada Lovelace"])
    ]
