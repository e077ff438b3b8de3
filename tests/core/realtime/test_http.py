"""Catching up without a socket, and the self-test."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from ecrm_server.testing import Browser


@pytest.fixture
def site(talk_site):
    return talk_site()


@pytest.fixture
def say(deliver: Callable[[], int]) -> Callable[[str], str]:
    def say(room: str) -> str:
        line = sys.modules["ecrm_plugins.talk.services"].say(room, "hello")
        deliver()
        return line

    return say


def ask(browser: Browser, channels: str) -> dict:
    answer = browser.get(f"/live?channels={channels}")
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    return answer.json["channels"]


def test_a_page_without_a_socket_asks_for_what_it_missed(visitor, say):
    lines = [say("open"), say("open")]
    answer = ask(visitor, "talk.room:open:0,talk.room:open-2:0")
    assert [event["ref"] for event in answer["talk.room:open"]["missed"]] == lines
    assert answer["talk.room:open-2"] == {"ok": True, "seq": 0, "missed": []}
    assert ask(visitor, "talk.room:open:2")["talk.room:open"]["missed"] == []
    assert ask(visitor, "talk.room:open:9")["talk.room:open"]["missed"] == {"reset": True}
    assert ask(visitor, "talk.room:open:")["talk.room:open"] == {"ok": True, "seq": 2, "missed": []}


def test_foreign_and_unknown_channels_get_the_same_answer(sign_in, say):
    say("staff")
    answer = ask(sign_in("Ada"), "talk.room:staff:0,talk.nothing:x:0,system.control:all:0")
    assert set(map(str, answer.values())) == {str({"error": "refused", "ok": False})}
    assert ask(sign_in("Sam", "staff"), "talk.room:staff:0")["talk.room:staff"]["seq"] == 1


@pytest.mark.parametrize(
    "channels", ["talk.room:open:x", "talk.room:open:-1", ",".join(f"a.b:c{n}:0" for n in range(21))]
)
def test_a_malformed_question_is_refused(visitor, channels):
    assert visitor.get(f"/live?channels={channels}").status_code == 422


def test_the_self_test_takes_the_way_of_every_live_update(sign_in, deliver):
    admin = sign_in("Root", "admin")
    assert admin.post("/live/selftest").status_code == 202
    deliver()
    room = f"system.selftest:{admin.account.profile_uid}"
    [event] = ask(admin, f"{room}:0")[room]["missed"]
    assert event["name"] == "realtime.self_tested"
    other = sign_in("Eve", "admin")
    assert ask(other, f"{room}:0")[room] == {"ok": False, "error": "refused"}


def test_only_admins_run_the_self_test(sign_in):
    assert sign_in("Ada").post("/live/selftest").status_code == 403
