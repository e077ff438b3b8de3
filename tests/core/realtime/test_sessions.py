"""Sockets live no longer than the rights of the person behind them."""

from __future__ import annotations

import threading

from ecrm_server.access import SYSTEM
from ecrm_server.data import Prepared, transaction
from ecrm_server.identity import keys, services, sessions
from ecrm_server.identity.testing import make_account, session_cookie, session_key
from ecrm_server.kernel import plugins, state
from ecrm_server.realtime import control, server
from tests.core.realtime.client import Closed


def test_a_revoked_session_is_cut_within_two_seconds_with_the_reason(served):
    ada, account = served.signed_in("Ada")
    other = served.client(cookie=session_cookie(account))
    visitor = served.client()
    sessions.revoke_all(account.id)
    for client in (ada, other):
        assert client.next()["data"] == {"reason": "session"}
        assert client.seconds_until_closed() < 2
    assert visitor.join("talk.room:open")["ok"]


def test_only_the_revoked_session_is_cut(served):
    account = make_account("Ada")
    key = session_key(account)
    revoked, kept = served.client(cookie=f"ecrm_session={key}"), served.client(cookie=session_cookie(account))
    sessions.revoke(keys.digest(key))
    assert revoked.seconds_until_closed() < 2
    assert kept.join("talk.room:open")["ok"]


def test_who_loses_a_right_is_put_out_of_the_room_and_told(served):
    sam, _ = served.signed_in("Sam", "staff")
    assert sam.join("talk.room:staff")["ok"]
    assert sam.join("talk.room:open")["ok"]
    with transaction():
        role = Prepared("SELECT id FROM role WHERE name = 'staff'").value()
        Prepared("INSERT INTO role_permission (role_id, permission, allowed) VALUES (?, ?, ?)").run(
            role, "talk.listen_staff", False
        )
        state.bump()
    event = sam.next()
    assert (event["channel"], event["name"]) == ("talk.room:staff", "closed")
    served.say("staff")
    line = served.say("open")
    assert sam.next()["ref"] == line
    assert sam.join("talk.room:staff") == {"ok": False, "error": "refused"}


def test_a_person_whose_role_was_taken_is_put_out_of_the_room(served):
    sam, account = served.signed_in("Sam", "staff")
    sam.join("talk.room:staff")
    services.set_roles(SYSTEM, account, [])
    assert sam.next()["name"] in ("closed", "disconnected")
    served.say("staff")
    assert heard_nothing_said(sam)


def heard_nothing_said(client) -> bool:
    """Whether neither waiting nor coming events tell of a line."""
    try:
        while client.next(0.5)["name"] != "talk.said":
            pass
    except (TimeoutError, Closed):
        return True
    return False


def test_asking_again_leaves_who_may_stay_alone(served):
    ada, _ = served.signed_in("Ada")
    ada.join("talk.room:open")
    with transaction():
        control.ask_again()
    assert ada.nothing_within(0.3)


def test_the_rooms_of_a_disabled_plugin_are_closed_and_the_socket_stays(served):
    client = served.client()
    client.join("talk.room:open")
    plugins.disable(served.site.config, "talk")
    served.site.refresh()
    event = client.next()
    assert (event["channel"], event["name"]) == ("talk.room:open", "closed")
    assert client.join("talk.room:open") == {"ok": False, "error": "refused"}
    plugins.enable(served.site.config, "talk")
    served.site.refresh()
    assert client.join("talk.room:open")["ok"]


def test_a_stopping_server_tells_its_clients_to_come_back_later(served):
    client = served.client()
    client.join("talk.room:open")
    draining = threading.Thread(target=server.drain)
    draining.start()
    hint = client.next()
    assert hint["name"] == "disconnected"
    assert hint["data"] == {"reason": "restart", "within": 10_000}
    assert client.seconds_until_closed() < 2
    draining.join()
