"""Consents: given and withdrawn as easily, each with the words that were agreed to."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from ecrm_server import clock, ids
from ecrm_server.access import Actor
from ecrm_server.audit.services import record
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Refusal
from ecrm_server.events import emit
from ecrm_server.privacy.events import ConsentGiven, ConsentWithdrawn
from ecrm_server.settings.store import setting

DEFAULT = "news: Tell me by e-mail what is new on this site"

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_GIVE = Prepared(
    "INSERT INTO consent (uid, account_id, purpose, basis, wording, source, at) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (account_id, purpose) WHERE withdrawn_at IS NULL DO NOTHING"
)
_WITHDRAW = Prepared(
    "UPDATE consent SET withdrawn_at = ? WHERE account_id = ? AND purpose = ? AND withdrawn_at IS NULL"
)
_HAS = Prepared("SELECT 1 FROM consent WHERE account_id = ? AND purpose = ? AND withdrawn_at IS NULL")
_ALL = Prepared(
    "SELECT purpose, basis, wording, source, at, withdrawn_at FROM consent WHERE account_id = ? ORDER BY id DESC"
)
_ACCOUNT = Prepared("SELECT uid FROM account WHERE id = ?")


@lru_cache(maxsize=16)
def parse(text: str) -> dict[str, str]:
    """Purpose -> words to agree to, in the order of the lines. Raises ValueError for a line that is none."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.strip().splitlines(), 1):
        code, colon, words = (piece.strip() for piece in line.partition(":"))
        if not (_CODE.fullmatch(code) and colon and words):
            raise ValueError(f"Line {number} must look like 'news: Tell me by e-mail what is new'.")
        found[code] = words
    return found


def purposes() -> dict[str, str]:
    """The purposes this site asks consent for: code -> words."""
    return parse(setting("privacy.purposes"))


def consented(account_id: int, purpose: str) -> bool:
    """Whether a person agrees to a purpose at present."""
    return _HAS.value(account_id, purpose) is not None


def give(actor: Actor, purpose: str, *, source: str, wording: str = "", basis: str = "consent") -> None:
    """Note that the actor agrees. ``wording`` defaults to the site's words for the purpose; ``source`` says where."""
    words = wording or purposes().get(purpose)
    if words is None:
        raise Refusal("This site does not ask for that.", field="purpose")
    with transaction():
        if _GIVE.run(ids.public_id(), actor.account_id, purpose, basis, words, source, clock.now()):
            record("privacy.consent_given", actor=actor, obj_kind="consent", obj_uid=purpose)
            emit(
                ConsentGiven(account=_ACCOUNT.value(actor.account_id), purpose=purpose),
                actor_id=actor.account_id,
            )


def withdraw(actor: Actor, purpose: str) -> None:
    """Note that the actor no longer agrees."""
    with transaction():
        if _WITHDRAW.run(clock.now(), actor.account_id, purpose):
            record("privacy.consent_withdrawn", actor=actor, obj_kind="consent", obj_uid=purpose)
            emit(
                ConsentWithdrawn(account=_ACCOUNT.value(actor.account_id), purpose=purpose),
                actor_id=actor.account_id,
            )


def of_account(account_id: int) -> list[dict[str, Any]]:
    """Every consent of a person, newest first, the withdrawn ones included."""
    return _ALL.rows(account_id)
