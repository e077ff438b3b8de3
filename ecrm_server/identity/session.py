"""Sessions of browsers: the cookie carries a random key, the row its hash; and who acts in a request."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from flask import flash, g, request
from flask import session as flask_session
from flask.sessions import SessionInterface, SessionMixin
from flask_babel import gettext
from werkzeug.datastructures import CallbackDict
from werkzeug.exceptions import Unauthorized

from ecrm_server.access import Actor
from ecrm_server.identity import actors, browsers, keys, sessions, viewing
from ecrm_server.identity.address import client_address
from ecrm_server.kernel import current

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.wrappers import Request, Response

COOKIE = "ecrm_session"
API_PREFIX = "/api/"
_KEY = re.compile(r"[0-9a-f]{64}")
_TOKENS = ("csrf_token", "csrf_signed")
_LEFT_BEHIND = (
    *_TOKENS,
    "_user_id",
    "_fresh",
    "_id",
    "_remember",
    "_remember_seconds",
    "fs_cc",
)
"""What a session does not take along when its key is renewed."""


class BrowserSession(CallbackDict[str, Any], SessionMixin):
    """The data of one browser and the row it lies in, if there is one."""

    def __init__(self, row: dict[str, Any] | None = None, *, stale: bool = False) -> None:
        def changed(_: Any) -> None:
            self.modified = True

        super().__init__(json.loads(row["data"]) if row else {}, changed)
        self.row = row
        self.stale = stale
        """The browser sent a key that does not hold (any more)."""
        self.modified = False
        self.new_key = ""
        self.known = ""
        """What the browser shall remember of those who signed in, when somebody just did."""
        self.remember = bool(row and row["remember"])

    @property
    def key_hash(self) -> str:
        """The hash of the key, the session's name inside the server; empty while no row exists."""
        return str(self.row["key_hash"]) if self.row else ""

    @property
    def account_id(self) -> int | None:
        return self.row["account_id"] if self.row else None

    def sign_in(self, account_id: int, *, remember: bool) -> None:
        """Give the browser a new key that acts for an account; the old one is dead."""
        settings = current.generation().settings
        self.remember = remember or (self.remember and self.account_id == account_id)
        for name in _LEFT_BEHIND:
            self.pop(name, None)
        g.pop("csrf_token", None)
        remembered = request.cookies.get(browsers.COOKIE, "")
        self.known = browsers.remembering(remembered, account_id)
        self.new_key = sessions.open_for(
            account_id,
            self,
            sessions.Limits.of(settings),
            address=client_address(request),
            agent=request.user_agent.string,
            remember=self.remember,
            replaces=self.key_hash,
            known=browsers.knows(remembered, account_id),
        )
        self.row = sessions.find(keys.digest(self.new_key))
        self.stale = False

    def forget_token(self) -> None:
        """Give the pages drawn from now on another token: forms of those drawn before are not taken any more."""
        for name in _TOKENS:
            self.pop(name, None)
        g.pop("csrf_token", None)

    def sign_out(self) -> None:
        """End the session; its key is dead at once."""
        if self.row:
            sessions.revoke(self.key_hash)
        self.row, self.new_key, self.stale = None, "", True
        self.clear()
        self.modified = False


class Sessions(SessionInterface):
    """Flask's way of opening and saving sessions, over our table."""

    def open_session(self, app: Flask, request: Request) -> BrowserSession:
        key = request.cookies.get(COOKIE)
        if key is None:
            return BrowserSession()
        row = sessions.find(keys.digest(key)) if _KEY.fullmatch(key) else None
        return BrowserSession(row, stale=row is None)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        assert isinstance(session, BrowserSession)
        if session.row is not None:
            if session.modified and not sessions.save(session.key_hash, session):
                _drop_cookie(response)  # revoked while the request ran: it stays revoked
            elif session.new_key:
                _set_cookie(response, session)
        elif session.modified and session:
            session.new_key = sessions.open_anonymous(
                session, client_address(request), request.user_agent.string
            )
            _set_cookie(response, session)
        elif session.stale:
            _drop_cookie(response)


def _set_cookie(response: Response, session: BrowserSession) -> None:
    generation = current.generation()
    limits = sessions.Limits.of(generation.settings)
    response.set_cookie(
        COOKIE,
        session.new_key,
        max_age=limits.absolute // 1000 if session.remember else None,
        secure=generation.config.base_url.startswith("https:"),
        httponly=True,
        samesite="Lax",
    )
    if session.known:
        response.set_cookie(
            browsers.COOKIE,
            session.known,
            path=browsers.PATH,
            max_age=browsers.LIFE // 1000,
            secure=generation.config.base_url.startswith("https:"),
            httponly=True,
            samesite="Lax",
        )


def _drop_cookie(response: Response) -> None:
    secure = current.generation().config.base_url.startswith("https:")
    response.delete_cookie(COOKIE, secure=secure, httponly=True, samesite="Lax")


def browser_session() -> BrowserSession:
    """The session of the request being served."""
    found = flask_session._get_current_object()  # type: ignore[attr-defined]
    assert isinstance(found, BrowserSession)
    return found


def load_actor() -> Actor:
    """Who makes the request. Without cookie and key no query, with a session one.

    API keys hold below ``/api/`` only. Raises Unauthorized for a key that does not hold.
    """
    if "Authorization" in request.headers and request.path.startswith(API_PREFIX):
        return _key_actor()
    session = browser_session()
    if session.row is None or session.account_id is None:
        return actors.anonymous()
    actor = actors.of_session(session.row, session)
    if actor.is_authenticated:
        limits = sessions.Limits.of(current.generation().settings)
        sessions.touch(session.row, limits, client_address(request))
        if session.row["viewing_id"] is not None:
            return _seen_as(actor, session)
    return actor


def _seen_as(viewer: Actor, session: BrowserSession) -> Actor:
    """As whom the session's owner sees the site; the owner, with a word about it, when that is over."""
    assert session.row is not None
    target, reason = viewing.seen_by(viewer, session.row)
    if target is not None:
        return target
    if viewing.end(session.row, reason):
        session.forget_token()
        g.actor = viewer  # in whose language it is said
        flash(gettext("You see the site as yourself again."), "info")
    return viewer


def _key_actor() -> Actor:
    scheme, _, key = request.headers["Authorization"].partition(" ")
    actor = actors.of_key(key.strip()) if scheme.lower() == "bearer" else None
    if actor is None:
        g.actor = actors.anonymous()
        raise Unauthorized("The API key is not valid. Send it as: Authorization: Bearer <key>.")
    return actor


def actor_of_cookie(key: str | None) -> Actor:
    """Who holds a cookie, outside a request (a socket that connects). Anonymous when the key does not hold."""
    if not key or not _KEY.fullmatch(key):
        return actors.anonymous()
    row = sessions.find(keys.digest(key))
    if row is None:
        return actors.anonymous()
    actor = actors.of_session(row, json.loads(row["data"]))
    if row["viewing_id"] is not None and actor.is_authenticated:
        return viewing.seen_by(actor, row)[0] or actor
    return actor
