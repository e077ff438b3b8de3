"""Giving and withdrawing consent, and what follows from it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from ecrm_server.access import Actor
from ecrm_server.audit.services import record
from ecrm_server.consent import purposes, records, visits
from ecrm_server.consent.events import ConsentGiven, ConsentWithdrawn, VisitsJoined
from ecrm_server.consent.kind import SOURCES, Purpose
from ecrm_server.consent.purposes import VISITS
from ecrm_server.consent.subject import Subject
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import NotFound
from ecrm_server.events import emit

_ACCOUNT = Prepared("SELECT uid FROM account WHERE id = ? AND deleted_at IS NULL")


@dataclass(frozen=True, slots=True)
class Standing:
    """A purpose and how a person stands to it. since: of the present state; None when nothing was decided."""

    purpose: Purpose
    allowed: bool
    decided: bool
    since: int | None


def allowed(account_id: int, purpose: str) -> bool:
    """Whether a purpose may be pursued for an account at present. Ask each time: people change their minds.

    A purpose that no part declares any more, or that the site does not ask for, is not allowed.
    """
    found = purposes.every().get(purpose)
    return found is not None and records.holds(found, records.state(Subject(account_id), purpose))


def give(
    actor: Actor, purpose: str, *, source: str = "page", place: str = "", account_id: int | None = None
) -> None:
    """Note that the actor agrees; or that ``account_id`` does, who told it to staff or in a file.

    source: one of ``SOURCES``; place says more exactly where. Giving it again changes nothing.
    Raises Refusal for a purpose that nobody decides about, NotFound for an account that is gone.
    """
    _decide(actor, purpose, True, source, place, account_id)


def withdraw(
    actor: Actor, purpose: str, *, source: str = "page", place: str = "", account_id: int | None = None
) -> None:
    """Note that the actor (or ``account_id``) no longer agrees, or objects; what was recorded of visits is deleted."""
    _decide(actor, purpose, False, source, place, account_id)


def _decide(actor: Actor, key: str, given: bool, source: str, place: str, account_id: int | None) -> None:
    purpose, decided_by = purposes.find(key), actor.account_id if account_id is None else account_id
    assert decided_by is not None, "visitors decide by decide_as_visitor"
    with transaction():
        decide(Subject(decided_by), purpose, given, source=source, place=place, actor=actor)


def decide(
    subject: Subject,
    purpose: Purpose,
    given: bool,
    *,
    source: str,
    place: str,
    actor: Actor,
    became: str | None = None,
) -> None:
    """Write a decision down in the caller's transaction, tell of it, and let a withdrawal take effect."""
    if source not in SOURCES:
        raise ValueError(f"The source '{source}' is none of {', '.join(SOURCES)}.")
    uid = records.decide(
        subject, purpose, given, source=source, place=place, actor_id=actor.account_id, became=became
    )
    if uid is not None and subject.account_id is not None:
        _tell(actor, subject.account_id, purpose, given, uid)
    if not given and purpose.key == VISITS.key:
        visits.forget(subject)


def _tell(actor: Actor, account_id: int, purpose: Purpose, given: bool, uid: str) -> None:
    account = _ACCOUNT.value(account_id)
    if account is None:
        raise NotFound()
    # The audit log is sealed; with the digest in it, it vouches for the words of the record as well.
    record(
        f"consent.{'given' if given else 'withdrawn'}", actor=actor, obj_kind="consent", obj_uid=uid,
        after={"purpose": purpose.key, "version": purpose.version, "digest": purpose.digest},
    )  # fmt: skip
    told = (
        ConsentGiven(account=account, purpose=purpose.key, wording=purpose.version)
        if given
        else ConsentWithdrawn(account=account, purpose=purpose.key)
    )
    emit(told, actor_id=actor.account_id)


def standings(subject: Subject) -> list[Standing]:
    """Every purpose in force and how somebody stands to it; those that they decide about come first."""
    known = records.states(subject)
    found = []
    for purpose in purposes.every().values():
        state = known.get(purpose.key)
        since = state["at"] if state is not None and purpose.is_choice else None
        current = state is not None and (not state["given"] or state["version"] == purpose.version)
        found.append(Standing(purpose, records.holds(purpose, state), current, since))
    return sorted(found, key=lambda standing: not standing.purpose.is_choice)


def history(account_id: int, limit: int = 200) -> list[dict[str, Any]]:
    """Every decision of a person, newest first; ``title`` is the purpose's when it is in force, else its key."""
    known = purposes.every()
    rows = records.history(account_id, limit)
    for row in rows:
        row["title"] = known[row["purpose"]].title if row["purpose"] in known else row["purpose"]
    return rows


def agree_as_newcomer(account_id: int, ticked: Collection[str], place: str) -> None:
    """Note what somebody ticked in the form of a new account (``key@version``: only words that were read count)."""
    actor = Actor(account_id=account_id)
    with transaction():
        for purpose in purposes.asked_of_newcomers():
            if f"{purpose.key}@{purpose.version}" in ticked:
                decide(Subject(account_id), purpose, True, source="registration", place=place, actor=actor)


def join(visitor: str, account_id: int, actor: Actor) -> None:
    """Somebody who agreed as a visitor made an account: consents and visits are the account's from now on."""
    before = Subject(visitor=visitor)
    with transaction():
        given = records.states(before)
        for purpose in purposes.asked_of_visitors():
            state = given.get(purpose.key)
            if state is not None and records.holds(purpose, state):
                decide(
                    Subject(account_id), purpose, True, source="registration", place="/register", actor=actor,
                    became=visitor,
                )  # fmt: skip
        moved = visits.join(visitor, account_id)
        records.forget_states(before)
        if moved:
            emit(VisitsJoined(account=_ACCOUNT.value(account_id), visits=moved), actor_id=account_id)
