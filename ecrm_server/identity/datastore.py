"""Our tables as Flask-Security wants to see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import peewee
from flask import g
from flask_security import UserMixin
from flask_security.datastore import UserDatastore

from ecrm_server import clock
from ecrm_server.audit.services import record
from ecrm_server.data import transaction
from ecrm_server.errors import Refusal
from ecrm_server.events import emit
from ecrm_server.identity import actors, events, profiles, services, zones
from ecrm_server.identity.keys import email_key
from ecrm_server.identity.models import Account


class MomentField(peewee.BigIntegerField):
    """Milliseconds in the table, a naive UTC datetime for the library."""

    def db_value(self, value: datetime | int | None) -> int | None:
        return clock.from_datetime(value) if isinstance(value, datetime) else value

    def python_value(self, value: int | None) -> datetime | None:
        return None if value is None else clock.to_datetime(value).replace(tzinfo=None)


class User(UserMixin, Account):
    """An account with the methods Flask-Security and Flask-Login call. The mixin comes first: its ``get_id`` counts."""

    confirmed_at = MomentField(null=True)

    class Meta:
        table_name = "account"
        only_save_dirty = True

    roles: list[Any] = []
    """Always empty: permissions are asked of the actor, never of this object."""

    @property
    def name(self) -> str:
        """The name on the profile."""
        found = profiles.by_account(self.id)
        return str(found["name"]) if found else ""

    def is_locked(self, form_error: list[str] | None = None) -> bool:
        """Whether the account is suspended; the reason goes to the form of whoever knew the password."""
        if self.suspended_until is None or self.suspended_until <= clock.now():
            return False
        if form_error is not None:
            reason = f" {self.suspended_reason}" if self.suspended_reason else ""
            form_error.append(f"This account is suspended.{reason}")
        return True


class Accounts(UserDatastore):
    """Finds and saves accounts for Flask-Security; what a saved change means is decided here, in one transaction."""

    def __init__(self) -> None:
        super().__init__(User, None)  # type: ignore[arg-type]

    def commit(self) -> None:
        """Every ``put`` is a transaction of its own."""

    def find_user(self, case_insensitive: bool = False, **wanted: Any) -> User | None:
        """An account by one or more columns; an e-mail address by its key."""
        if "email" in wanted:
            try:
                wanted["email_key"] = email_key(wanted.pop("email") or "")
            except Refusal:
                return None
        conditions = [getattr(User, name) == value for name, value in wanted.items()]
        found: User | None = User.get_or_none(*conditions, User.deleted_at.is_null())
        return found

    def find_role(self, role: str) -> None:
        """Roles are given by our own services."""

    def create_user(self, **values: Any) -> User:
        """Make the account and the profile of a registration."""
        account = services.create_account(
            values["email"],
            values["name"],
            password_hash=values["password"],
            terms_accepted_at=clock.now(),
            via="form",
            timezone=zones.known(values.get("timezone")),
        )
        found: User = User.get_by_id(account.id)
        return found

    def put(self, model: User) -> User:
        """Save what changed, tell of it, and end the sessions that a new password or address ends."""
        changed = {field.name for field in model.dirty_fields}
        with transaction():
            if "email" in changed:
                model.email_key = email_key(model.email)
            model.save()
            keep = _own_session(model)
            if "password" in changed:
                _record(model, "identity.password_changed")
                services.password_changed(model, keep=keep)
            if "email" in changed:
                _record(model, "identity.email_changed")
                emit(events.EmailChanged(account=model.uid), actor_id=model.id)
                services.revoke_all(model.id, except_=keep, reason="address changed", actor_id=model.id)
            elif "confirmed_at" in changed:
                emit(events.Confirmed(account=model.uid), actor_id=model.id)
            if "tf_primary_method" in changed:
                enabled = model.tf_primary_method is not None
                _record(model, "identity.two_factor_changed", {"enabled": enabled})
                emit(events.TwoFactorChanged(account=model.uid, enabled=enabled), actor_id=model.id)
        return model

    def tf_reset(self, user: Any) -> None:
        """Switch one-time codes off; the recovery codes go with them."""
        user.tf_counter = None
        user.mf_recovery_codes = None
        super().tf_reset(user)

    def mf_delete_recovery_code(self, user: Any, idx: int) -> bool:
        """Use up a recovery code. The list is replaced: a change inside it would not be saved."""
        codes = list(user.mf_recovery_codes or ())
        if not 0 <= idx < len(codes):
            return False
        del codes[idx]
        user.mf_recovery_codes = codes
        self.put(user)
        return True


def _own_session(user: User) -> str:
    actor = g.get("actor")
    return actor.session_key if actor is not None and actor.account_id == user.id else ""


def _record(account: User, action: str, after: Any = None) -> None:
    """Such changes are the person's own, also those of somebody who is not signed in but came by a mailed link."""
    actor = actors.of_account(account.id)
    record(action, actor=actor, obj_kind="account", obj_uid=account.uid, after=after)
