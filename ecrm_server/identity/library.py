"""The small classes through which Flask-Security hashes, mails, counts one-time codes and knows who is signed in."""

from __future__ import annotations

import hashlib
import hmac
import html as html_module
from typing import Any

from flask import g
from flask_login import LoginManager
from flask_security import EmailValidateException, MailUtil, PasswordUtil, Totp
from flask_security.core import AnonymousUser
from flask_security.utils import set_request_attr
from passlib.exc import UsedTokenError
from peewee import fn

from ecrm_server.content import names
from ecrm_server.identity import passwords
from ecrm_server.identity.datastore import User
from ecrm_server.identity.models import Account
from ecrm_server.identity.session import browser_session


class PasswordHashes:
    """In place of a passlib context: our argon2 parameters, bounded, outside the event loop."""

    def hash(self, password: str, **options: Any) -> str:
        return passwords.hash_password(password)

    def verify(self, password: str, stored: str) -> bool:
        return passwords.verify(password, stored)

    def needs_update(self, stored: str) -> bool:
        return passwords.needs_update(stored)

    def identify(self, stored: str) -> str:
        return "argon2"


class TokenHashes:
    """What stands in links for an address or password hash: the link is signed, so a fast keyed hash does.

    The library's own choice takes a fifth of a second, which would tell known addresses from unknown ones.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def hash(self, data: bytes) -> str:
        return hmac.new(self._key, data, hashlib.sha256).hexdigest()

    def verify(self, data: bytes, stored: str) -> bool:
        return hmac.compare_digest(self.hash(data), stored)


class Mail(MailUtil):
    """Queues mails in our outbox; they are rendered already."""

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: Any,
        sender: Any,
        body: str | None,
        html: str | None,
        **context: Any,
    ) -> None:
        from ecrm_server.notices import mail

        # The templates escape as all others do; a mail in plain text has nothing to escape.
        text = html_module.unescape(body or "")
        user = context.get("user")
        kind = "identity." + template.rsplit("/", 1)[-1]
        mail.send(str(recipient), str(subject), text, kind=kind, account_id=user.id if user else None)

    def normalize(self, email: str) -> str:
        """The address as it is kept. Whether it exists is for the confirmation mail to find out."""
        try:
            names.email_key(email)
        except ValueError as error:
            raise EmailValidateException(str(error)) from error
        return email.strip()

    validate = normalize


class Passwords(PasswordUtil):
    """The rules for new passwords."""

    def normalize(self, password: str) -> str:
        return password

    def validate(self, password: str, is_register: bool, **about: Any) -> tuple[list[str] | None, str]:
        user = about.get("user")
        words = (user.email,) if user is not None else (about.get("email") or "", about.get("name") or "")
        return passwords.check_strength(password, *words) or None, password


class OneTimeCodes(Totp):
    """One-time codes that work once: the counter of the last one used is stored, and only ever grows."""

    def get_last_counter(self, user: Any) -> int | None:
        counter: int | None = user.tf_counter
        return counter

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        stored = Account.update(tf_counter=tmatch.counter).where(
            Account.id == user.id, fn.COALESCE(Account.tf_counter, 0) < tmatch.counter
        )
        if not stored.execute():  # a second request with the same code, at the same moment
            raise UsedTokenError(expire_time=tmatch.expire_time)
        user.tf_counter = tmatch.counter
        user._dirty.discard("tf_counter")


class Login(LoginManager):
    """Who is signed in is what our session says; the account itself is read only when the library asks for it."""

    def __init__(self) -> None:
        super().__init__(add_context_processor=False)
        self.anonymous_user = AnonymousUser
        self.session_protection = None

    def _load_user(self) -> None:
        actor = g.get("actor")
        user = None
        if actor is not None and actor.is_authenticated and actor.api_key_id is None:
            # Whoever looks as somebody else signs out as themselves.
            user = User.get_or_none(User.id == (actor.viewed_by or actor).account_id)
        if user is not None:
            set_request_attr("fs_authn_via", "session")
            set_request_attr("fs_paa", browser_session().get("fs_paa", 0))
        self._update_request_context_with_user(user)
