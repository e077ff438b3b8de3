"""Messages between clients that are not kept, and who is in a room."""

from __future__ import annotations

import pytest

ROOM = "talk.room:open"
TYPING = {"channel": ROOM, "name": "talk.typing", "data": {"on": True}}


def test_typing_reaches_the_others_and_not_oneself(served):
    ada, account = served.signed_in("Ada", "member")
    bob = served.client()
    for client in (ada, bob):
        client.join(ROOM)
    assert ada.call("send", TYPING) == {"ok": True}
    event = bob.next()
    assert (event["name"], event["seq"], event["data"]) == ("talk.typing", None, {"on": True})
    assert event["actor"] == {"uid": account.profile_uid, "name": "Ada"}
    assert ada.nothing_within(0.2)


def test_a_visitor_without_the_permission_may_not_send(served):
    visitor = served.client()
    visitor.join(ROOM)
    assert visitor.call("send", TYPING) == {"ok": False, "error": "refused"}


def test_only_who_joined_may_send(served):
    ada, _ = served.signed_in("Ada", "member")
    assert ada.call("send", TYPING) == {"ok": False, "error": "refused"}


@pytest.mark.parametrize("data", [{}, {"on": "maybe"}, {"on": True, "html": "<b>"}, [], None])
def test_a_message_is_checked_by_its_schema(served, data):
    ada, _ = served.signed_in("Ada", "member")
    ada.join(ROOM)
    assert ada.call("send", TYPING | {"data": data}) == {"ok": False, "error": "invalid"}


def test_an_undeclared_message_is_refused(served):
    ada, _ = served.signed_in("Ada", "member")
    ada.join(ROOM)
    assert ada.call("send", TYPING | {"name": "talk.said"}) == {"ok": False, "error": "refused"}


def test_a_message_has_its_rate(served):
    ada, _ = served.signed_in("Ada", "member")
    ada.join(ROOM)
    answers = [ada.call("send", TYPING) for _ in range(6)]
    assert answers == [{"ok": True}] * 5 + [{"ok": False, "error": "too_many"}]


def test_presence_names_members_once_and_counts_visitors(served):
    ada, account = served.signed_in("Ada")
    ada.join(ROOM)
    visitor = served.client()
    answer = visitor.join(ROOM)
    here = {"members": [{"uid": account.profile_uid, "name": "Ada"}], "count": 1, "anonymous": 1}
    assert answer["presence"] == here
    while (event := ada.next(presence=True))["data"] != here:
        assert event["name"] == "presence"
    visitor.close()
    assert ada.next(presence=True)["data"] == here | {"anonymous": 0}
