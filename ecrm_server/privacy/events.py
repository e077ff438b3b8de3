"""What happens to personal data; ids are public ids."""

from __future__ import annotations

from ecrm_server.events import Event


class Erased(Event, name="privacy.erased"):
    """A person was forgotten by every part that is on; parts that were off follow when they are on again."""

    account: str
    profile: str


ALL: list[type[Event]] = [Erased]
