"""What a client may not do, and that the answer tells nothing."""

from __future__ import annotations

import contextlib

import pytest

REFUSED = {"ok": False, "error": "refused"}


@pytest.mark.parametrize(
    "channel",
    [
        "talk.room:staff",
        "talk.room:own-somebody",
        "talk.room:broken",
        "talk.unknown:x",
        "no channel",
        "a:b:c",
        "system.control:all",
    ],
)
def test_a_foreign_channel_is_answered_like_an_unknown_one(served, channel):
    client, _ = served.signed_in("Ada")
    assert client.join(channel) == REFUSED
    assert client.call("send", {"channel": channel, "name": "talk.typing", "data": {"on": True}}) == REFUSED


def test_staff_may_join_what_members_may_not(served):
    staff, _ = served.signed_in("Sam", "staff")
    assert staff.join("talk.room:staff")["ok"]


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("talk.room:open",),
        ([],),
        ({},),
        ({"channel": None},),
        ({"channel": ["talk.room:open"]},),
        ({"channel": "talk.room:open", "since": -1},),
        ({"channel": "talk.room:open", "since": "1"},),
        ({"channel": "talk.room:open", "since": 2**70},),
        ({"channel": "talk.room:open", "admin": True},),
        ({"channel": "x" * 5000},),
        ({"channel": "talk.room:open"}, {"channel": "talk.room:open"}),
    ],
)
def test_a_malformed_join_is_invalid(served, args):
    assert served.client().call("join", *args) == {"ok": False, "error": "invalid"}


FRAMES = [
    '42[["join"],{}]',
    '42[{"a":1}]',
    "42[null]",
    "42{}",
    "42",
    "42[]",
    '421[""]',
    '42["connect"]',
    '42["disconnect"]',
    '42["__init__",1]',
    "4" + "[" * 12000,
    "42" + "[" * 12000,
    '451-["join",{"_placeholder":true,"num":0}]',
    '4599999999-["join"]',
    "46[]",
    "47",
    "4",
    "4²",
    "0",
    "2probe",
    "5",
    "6",
    "9",
    "x",
    "43999[1]",
    "40/admin,",
    '42/admin,["join"]',
    "44",
]


@pytest.mark.parametrize("frame", FRAMES)
def test_a_fuzzed_frame_changes_nothing(served, frame):
    client = served.client()
    client.socket.send(frame)
    assert client.join("talk.room:open")["ok"]


@pytest.mark.parametrize("connect", [True, False])
def test_binary_frames_are_dropped(served, connect):
    client = served.client(connect=connect)
    client.socket.send_binary(b"\x00\xff42")
    client.socket.send_binary(b"")
    if not connect:
        client.socket.send("40")
    assert client.join("talk.room:open")["ok"]


def test_nothing_is_answered_before_the_connect_packet(served):
    client = served.client(connect=False)
    client.socket.send('421["join",{"channel":"talk.room:open"}]')
    assert client.nothing_within(0.2)


def test_a_flood_of_pongs_ends_the_connection(served):
    client = served.client()
    with contextlib.suppress(OSError):  # the server hangs up on the flood
        for _ in range(10_000):
            client.socket.send("3")
    assert client.seconds_until_closed() < 2
    assert served.client().join("talk.room:open")["ok"]


def test_a_frame_beyond_the_limit_ends_the_connection(served):
    client = served.client()
    client.socket.send('42["join",{"channel":"' + "x" * 100_000 + '"}]')
    assert client.seconds_until_closed() < 2


def test_too_many_requests_are_refused(served):
    client = served.client()
    answers = [client.join("talk.room:open") for _ in range(200)]
    assert {"ok": False, "error": "too_many"} in answers


def test_a_socket_cannot_be_in_more_than_a_hundred_rooms(served):
    client = served.client()
    answers = [client.join(f"talk.room:open-{number}") for number in range(101)]
    assert all(answer["ok"] for answer in answers[:100])
    assert answers[100] == {"ok": False, "error": "too_many"}


def test_a_fault_of_the_plugin_is_counted_on_its_card(served):
    served.client().join("talk.room:broken")
    assert served.site.breaker.counts["talk", "channel talk.room"] == 1
