"""Figures of the administration's first page, each for whom it concerns."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.data import Prepared
from ecrm_server.moderation import queue

DAYS = 14
"""How far the course of new accounts goes back."""

_PEOPLE = Prepared("SELECT count(*) FROM account")
_JOINED = Prepared("SELECT created_at FROM account WHERE created_at > ?")
_HELD = Prepared("SELECT count(*) FROM mail WHERE state IN ('held', 'waiting')")
_FAILED = Prepared("SELECT count(*) FROM job WHERE state = 'failed'")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its name and page; ``points``: its course day by day, oldest first."""

    label: str
    value: int
    url: str
    hint: str = ""
    points: tuple[int, ...] = ()


def figures(actor: Actor) -> list[Figure]:
    """What the actor may see on the pages behind the numbers."""
    found = []
    if actor.may("identity.manage_accounts"):
        found.append(_people())
    if actor.may("moderation.review"):
        found.append(Figure(_("Waiting for review"), queue.open_count(actor), "/moderation"))
    if actor.may("notices.manage_mail"):
        found.append(Figure(_("Mail not sent yet"), _HELD.value(), "/admin/outbox"))
    if actor.may("jobs.manage"):
        found.append(Figure(_("Failed jobs"), _FAILED.value(), "/admin/jobs?of=all&state=failed"))
    return found


def _people() -> Figure:
    now = clock.now()
    course = [0] * DAYS
    for (at,) in _JOINED.tuples(now - DAYS * clock.DAY):
        course[DAYS - 1 - min(DAYS - 1, max(0, (now - at) // clock.DAY))] += 1
    week = sum(course[-7:])
    return Figure(
        _("People"), _PEOPLE.value(), "/admin/people", _("%(num)d new this week", num=week), tuple(course)
    )
