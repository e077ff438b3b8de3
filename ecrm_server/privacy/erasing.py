"""Forgetting a person: every part in one transaction, or nothing."""

from __future__ import annotations

import logging
from typing import Any

from ecrm_server import clock
from ecrm_server.access import SYSTEM, Actor
from ecrm_server.access.permission import ADMIN
from ecrm_server.audit.services import record
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import NotFound
from ecrm_server.events import emit
from ecrm_server.identity import services as identity
from ecrm_server.identity.models import Account
from ecrm_server.kernel import current, state
from ecrm_server.privacy.archive import parts_off
from ecrm_server.privacy.events import Erased

log = logging.getLogger(__name__)

HOOK = "erase_account"

_UID = Prepared("SELECT uid FROM account WHERE id = ?")
_PROFILE = Prepared("SELECT id, uid FROM profile WHERE account_id = ?")
_OWE = Prepared(
    "INSERT INTO erasure_debt (account_id, profile_id, part, at, error) VALUES (?, ?, ?, ?, '')"
    " ON CONFLICT (account_id, part) DO NOTHING"
)
_DEBTS = Prepared(
    "SELECT account_id, profile_id, part, at, error FROM erasure_debt ORDER BY at, part LIMIT 1000"
)
_PAID = Prepared("DELETE FROM erasure_debt WHERE account_id = ? AND part = ?")
_FAULT = Prepared("UPDATE erasure_debt SET error = ? WHERE account_id = ? AND part = ?")


def erase(account_id: int, actor: Actor) -> None:
    """Let every part forget a person, in one transaction; what a part raises undoes all of it.

    Plugins come first and identity last, so that everybody can still look up what belongs to the account. Parts that
    are off owe the erasure until they are on again. Raises NotFound for an account that is gone, Refusal for the only
    administrator.
    """
    # The entry must not keep the name that is being forgotten.
    witness = SYSTEM if actor.account_id in (None, account_id) else actor
    with transaction():
        account, profile = check(account_id)
        for part in reversed(list(current.generation().parts.values())):
            forget = part.hooks.get(HOOK)
            if forget is not None:
                forget(account_id=account_id, profile_id=profile["id"])
        for name in parts_off():
            _OWE.run(account_id, profile["id"], name, clock.now())
        note = "asked by the person" if actor.account_id == account_id else ""
        record("privacy.erased", actor=witness, obj_kind="erasure", obj_uid=account.uid, note=note)
        emit(Erased(account=account.uid, profile=profile["uid"]))


def check(account_id: int) -> tuple[Account, dict[str, Any]]:
    """The account and profile of a person that can be erased.

    Raises NotFound for an account that is gone, Refusal for the only administrator.
    """
    account, profile = identity.account_by_uid(_UID.value(account_id) or ""), _PROFILE.row(account_id)
    if profile is None:
        raise NotFound()
    if ADMIN in identity.roles_of(account_id):
        identity.require_other_admin(account)
    return account, profile


def debts() -> list[dict[str, Any]]:
    """Erasures that parts still owe, oldest first."""
    return _DEBTS.rows()


def settle_debts() -> int:
    """Let parts that are on again forget whom they still know. Returns how many debts were settled."""
    generation, known = current.generation(), state.rows()
    settled = 0
    for debt in debts():
        part = generation.parts.get(debt["part"])
        if part is None and debt["part"] in known:
            continue  # still off
        try:
            with transaction():
                # A purged plugin has no tables left, and one without the hook stores nothing about people.
                if part is not None and HOOK in part.hooks:
                    part.hooks[HOOK](account_id=debt["account_id"], profile_id=debt["profile_id"])
                _PAID.run(debt["account_id"], debt["part"])
            settled += 1
        except Exception as error:  # kept, shown to the admin and tried again
            log.exception("%s could not erase", debt["part"])
            _FAULT.run(f"{type(error).__name__}: {error}"[:2000], debt["account_id"], debt["part"])
    return settled
