"""The question that every site asks: without a time zone, times on pages and in mails are those of Greenwich."""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from functools import cache

from ecrm_server.access import Actor
from ecrm_server.consent.kind import Question
from ecrm_server.identity import services as identity
from ecrm_server.identity.models import Account


@cache
def _zones() -> Sequence[tuple[str, str]]:
    names = sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone and zone[:3] != "Etc")
    return [(zone, zone.replace("_", " ")) for zone in names]


def _has_zone(account_id: int) -> bool:
    return bool(Account.get_by_id(account_id).timezone)


def _set_zone(actor: Actor, value: str) -> None:
    account = Account.get_by_id(actor.account_id)
    identity.set_preferences(
        actor, locale=account.locale, timezone=value, theme=account.theme, density=account.density
    )


QUESTIONS = [
    Question(
        key="consent.timezone", title="Which time zone are you in?",
        why="Times on pages and in mails are then those of your clock.",
        answered=_has_zone, save=_set_zone, choices=_zones, order=10,
    )
]  # fmt: skip
