"""The fixtures that plugin authors get for what is live."""

from __future__ import annotations

import pytest

from ecrm_server.data import transaction
from ecrm_server.notices.services import notify


def test_a_socket_hears_what_happens_on_its_channel(live_site, sign_in):
    ada = sign_in("Ada")
    socket = live_site.socket(ada)
    channel = f"notices.account:{ada.account.profile_uid}"
    assert socket.join(channel)["ok"]
    with transaction():
        notify([ada.account.id], "notices.security", title="Somebody signed in", url="/me/security")
    assert socket.next()["channel"] == channel


def test_a_socket_is_refused_a_channel_of_somebody_else(live_site, sign_in):
    ada, bea = sign_in("Ada"), sign_in("Bea")
    assert live_site.socket(bea).join(f"notices.account:{ada.account.profile_uid}") == {"ok": False, "error": "refused"}
    assert not live_site.socket().join(f"notices.account:{ada.account.profile_uid}")["ok"]


def test_nothing_said_is_a_timeout(live_site):
    with pytest.raises(TimeoutError):
        live_site.socket().next(0.05)
