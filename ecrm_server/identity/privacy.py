"""What identity stores about a person: for the download, and to be forgotten."""

from __future__ import annotations

import uuid
from typing import Any

from ecrm_server import clock
from ecrm_server.content.names import name_key
from ecrm_server.data import Prepared
from ecrm_server.events import emit
from ecrm_server.identity import apikeys, search, services, sessions, viewing
from ecrm_server.identity.events import AccountDeleted
from ecrm_server.identity.models import Account, ApiKey, Invitation, Profile

FORMER = "Former member"
_GROUPS = Prepared(
    "SELECT g.name FROM account_group g JOIN account_group_member m ON m.group_id = g.id WHERE m.account_id = ?"
)
_FORGET_ROLES = (
    Prepared("DELETE FROM account_role WHERE account_id = ?"),
    Prepared("DELETE FROM account_group_member WHERE account_id = ?"),
)


def export(account_id: int, profile_id: int) -> dict[str, Any]:
    """Everything as plain data; times in milliseconds, no secrets."""
    account, profile = Account.get_by_id(account_id), Profile.get_by_id(profile_id)
    columns = (
        "email", "created_at", "confirmed_at", "last_seen_at", "terms_accepted_at", "locale", "timezone", "theme",
        "density", "suspended_until", "suspended_reason", "silenced_until",
    )  # fmt: skip
    kept = ("address", "agent", "remember", "created_at", "last_seen_at")
    return {
        "account": {name: getattr(account, name) for name in columns}
        | {"one_time_codes": account.tf_primary_method is not None},
        "profile": {name: getattr(profile, name) for name in ("name", "handle", "avatar", "created_at")},
        "roles": services.roles_of(account_id),
        "groups": [row[0] for row in _GROUPS.tuples(account_id)],
        "sessions": [{name: row[name] for name in kept} for row in sessions.listed(account_id)],
        "api_keys": apikeys.listed(account_id),
        "seen_by_staff": viewing.history(account.uid),
    }


def erase(account_id: int, profile_id: int) -> None:
    """Sign the person out and forget who it was; what they published shows a former member."""
    account = Account.get_by_id(account_id)
    profile = Profile.get_by_id(profile_id)
    services.revoke_all(account_id, reason="account deleted")
    for statement in _FORGET_ROLES:
        statement.run(account_id)
    ApiKey.delete().where(ApiKey.account == account_id).execute()
    Invitation.delete().where(Invitation.email_key == account.email_key).execute()
    nobody = f"erased-{account.uid}@erased.invalid"
    Account.update(
        email=nobody, email_key=name_key(nobody), password=None, active=False, fs_uniquifier=uuid.uuid4().hex,
        tf_primary_method=None, tf_totp_secret=None, tf_counter=None, mf_recovery_codes=None, suspended_reason="",
        last_seen_at=None, locale="", timezone="", theme="", density="", terms_accepted_at=None, unread_notices=0,
        deleted_at=clock.now(),
    ).where(Account.id == account_id).execute()  # fmt: skip
    Profile.update(
        name=FORMER, name_key=name_key(FORMER), handle=f"former-{name_key(profile.uid)}", avatar=None, account=None,
        source=None, source_key=None, source_url="",
    ).where(Profile.id == profile_id).execute()  # fmt: skip
    search.remove(profile.uid)
    emit(AccountDeleted(account=account.uid, profile=profile.uid))
