"""Sockets of staff who see the site as somebody: they hear what that person hears, and are not heard themselves."""

from __future__ import annotations

from typing import Any

import pytest

from ecrm_server.identity import keys, sessions, viewing
from ecrm_server.identity.session import actor_of_cookie
from ecrm_server.identity.testing import make_account, session_key
from tests.core.realtime.conftest import Served

TYPING = {"channel": "talk.room:open", "name": "talk.typing", "data": {"on": True}}


class Staff:
    """An administrator's browser, and Ada whom it sees the site as."""

    def __init__(self, served: Served) -> None:
        self.served, self.ada = served, make_account("Ada")
        self.key = session_key(make_account("Root", roles=["admin"]))

    def client(self) -> Any:
        return self.served.client(cookie=f"ecrm_session={self.key}")

    def begin(self) -> None:
        viewing.begin(actor_of_cookie(self.key), self.ada)


@pytest.fixture
def staff(served: Served) -> Staff:
    return Staff(served)


def test_they_are_in_the_rooms_of_the_person_only(staff: Staff) -> None:
    staff.begin()
    client = staff.client()
    assert client.join(f"talk.room:own-{staff.ada.profile_uid}")["ok"]
    assert client.join("talk.room:staff") == {"ok": False, "error": "refused"}


def test_they_send_nothing(staff: Staff) -> None:
    staff.begin()
    client, other = staff.client(), staff.served.signed_in("Bea")[0]
    for each in (client, other):
        each.join("talk.room:open")
    assert client.call("send", TYPING) == {"ok": False, "error": "refused"}
    assert other.call("send", TYPING) == {"ok": True}


def test_nobody_is_told_that_the_person_is_there(staff: Staff) -> None:
    staff.begin()
    staff.client().join("talk.room:open")
    told = staff.served.client().join("talk.room:open")["presence"]
    assert told == {"members": [], "count": 0, "anonymous": 1}


def test_sockets_are_cut_when_a_view_begins_and_when_it_ends(staff: Staff) -> None:
    before = staff.client()
    assert before.join("talk.room:staff")["ok"]
    staff.begin()
    assert before.seconds_until_closed() < 2
    meanwhile = staff.client()
    assert meanwhile.join("talk.room:open")["ok"]
    row = sessions.find(keys.digest(staff.key))
    assert row is not None
    viewing.end(row, viewing.BACK)
    assert meanwhile.seconds_until_closed() < 2
    assert staff.client().join("talk.room:staff")["ok"]


def test_a_plugins_page_that_writes_in_a_get_writes_nothing(staff: Staff) -> None:
    staff.begin()
    browser = staff.served.site.client()
    browser.set_cookie("ecrm_session", staff.key)
    answer = browser.get("/talk/say/open?text=hello", base_url="http://localhost")
    assert (answer.status_code, staff.served.lines("open")) == (403, set())
    assert "Nothing was changed" in answer.text
    assert browser.get("/talk/sockets", base_url="http://localhost").status_code == 200
    assert staff.served.site.breaker.counts == {}
