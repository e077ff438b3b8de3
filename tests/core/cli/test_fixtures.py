"""The fixtures for plugin authors do what their docstrings say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ecrm_server.api import emit, transaction
from ecrm_server.identity.events import ProfileChanged
from ecrm_server.notices.mail import send


def test_emitted_lists_events_by_name(site: Any, emitted: Callable[..., list[dict[str, Any]]]) -> None:
    before = len(emitted())
    with transaction():
        emit(ProfileChanged(profile="p", display_name="Ada", handle="ada"))
    found = emitted("identity.profile_changed")
    assert [event["data"]["handle"] for event in found] == ["ada"]
    assert emitted("forums.replied") == []
    assert len(emitted()) == before + 1


def test_mails_lists_the_outbox(site: Any, mails: Callable[[], list[dict[str, Any]]]) -> None:
    assert mails() == []
    send("ada@example.org", "Hello", "A word.")
    assert [(mail["to"], mail["subject"], mail["text"].strip()) for mail in mails()] == [
        ("ada@example.org", "Hello", "A word.")
    ]
