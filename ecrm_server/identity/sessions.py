"""Session rows: opened at sign-in, saved only while they exist, deleted to revoke."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ecrm_server import clock, ids
from ecrm_server.data import Prepared, transaction
from ecrm_server.events import emit
from ecrm_server.identity import held, keys
from ecrm_server.identity.agents import device
from ecrm_server.identity.events import SessionsRevoked, SignedIn

ANONYMOUS_LIFE = clock.DAY
"""How long the row of a visitor who is not signed in lives (it carries a form's CSRF token)."""
UNREMEMBERED_IDLE = clock.DAY
TOUCH_EVERY = clock.MINUTE

_PERSON = (
    "s.account_id, a.uid AS account_uid, a.email, a.active, a.suspended_until, a.silenced_until, a.posts_reviewed,"
    " a.locale, a.timezone, a.theme, a.density, a.created_at, a.unread_notices,"
    " p.id AS profile_id, p.uid, p.handle, p.name, p.avatar"
)
_FIND = Prepared(
    "SELECT s.key_hash, s.uid AS session_uid, s.data, s.remember, s.roles, s.created_at AS opened_at, s.last_seen_at,"
    f" s.viewing_id, s.viewing_until, {_PERSON} FROM session s LEFT JOIN account a ON a.id = s.account_id"
    " LEFT JOIN profile p ON p.account_id = s.account_id WHERE s.key_hash = ? AND s.expires_at > ?"
)
_INSERT = Prepared(
    "INSERT INTO session (key_hash, uid, account_id, data, address, agent, remember, roles, created_at, last_seen_at,"
    " expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_SAVE = Prepared("UPDATE session SET data = ? WHERE key_hash = ?")
_ROLES = Prepared("UPDATE session SET roles = ? WHERE key_hash = ?")
_TOUCH = Prepared("UPDATE session SET last_seen_at = ?, expires_at = ?, address = ? WHERE key_hash = ?")
_DELETE = Prepared("DELETE FROM session WHERE key_hash = ? RETURNING key_hash, account_id, viewing_id")
_DELETE_OF = Prepared(
    "DELETE FROM session WHERE account_id = ? AND key_hash <> ? RETURNING key_hash, account_id, viewing_id"
)
_LIST = Prepared(
    "SELECT uid, key_hash, address, agent, remember, created_at, last_seen_at FROM session"
    " WHERE account_id = ? AND expires_at > ? ORDER BY last_seen_at DESC"
)
_BY_UID = Prepared("SELECT key_hash FROM session WHERE uid = ? AND account_id = ?")
_SIGNING_IN = Prepared("SELECT uid, last_seen_at FROM account WHERE id = ?")
_ACCOUNT_UID = Prepared("SELECT uid FROM account WHERE id = ?")
_SEEN = Prepared(
    "UPDATE account SET last_seen_at = (SELECT MAX(s.last_seen_at) FROM session s WHERE s.account_id = account.id)"
    " WHERE EXISTS (SELECT 1 FROM session s WHERE s.account_id = account.id AND s.last_seen_at >"
    " COALESCE(account.last_seen_at, 0))"
)
_SWEEP = Prepared("DELETE FROM session WHERE expires_at <= ?")
_SIGNED_IN_NOW = Prepared("UPDATE account SET last_seen_at = ? WHERE id = ?")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long sessions live (milliseconds)."""

    idle: int
    absolute: int

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Limits:
        """The limits an admin set."""
        return cls(settings["identity.idle_days"] * clock.DAY, settings["identity.absolute_days"] * clock.DAY)

    def expiry(self, opened_at: int, now: int, *, remember: bool) -> int:
        """When a session that was used now ends."""
        idle = self.idle if remember else min(self.idle, UNREMEMBERED_IDLE)
        return min(now + idle, opened_at + self.absolute)


def find(key_hash: str) -> dict[str, Any] | None:
    """The row of a session with its account and profile, or None when it is revoked or over. One query."""
    return _FIND.row(key_hash, clock.now())


def with_roles(row: dict[str, Any]) -> str:
    """The roles kept with a session; read and kept again when they were forgotten."""
    kept: str | None = row["roles"]
    if kept is None:
        kept = row["roles"] = held.read(row["account_id"])
        _ROLES.run(kept, row["key_hash"])
    return kept


def touch(row: dict[str, Any], limits: Limits, address: str) -> None:
    """Note that a session is in use, at most once a minute."""
    now = clock.now()
    if now - row["last_seen_at"] >= TOUCH_EVERY:
        expires = limits.expiry(row["opened_at"], now, remember=bool(row["remember"]))
        _TOUCH.run(now, expires, address[:60], row["key_hash"])


def open_anonymous(data: Mapping[str, Any], address: str, agent: str) -> str:
    """Store what a visitor's form needs. Returns the key for the cookie."""
    key, now = keys.new_secret(), clock.now()
    _INSERT.run(
        keys.digest(key), ids.public_id(), None, _text(data), address[:60], agent[:300], False, None, now, now,
        now + ANONYMOUS_LIFE,
    )  # fmt: skip
    return key


def open_for(
    account_id: int,
    data: Mapping[str, Any],
    limits: Limits,
    *,
    address: str = "",
    agent: str = "",
    remember: bool = False,
    replaces: str = "",
    known: bool = True,
) -> str:
    """Sign an account in with a new key, which is returned; ``replaces`` (the hash of the old key) ends.

    ``known``: whether the account signed in from this browser before.
    """
    key, uid, now = keys.new_secret(), ids.public_id(), clock.now()
    with transaction():
        account = _SIGNING_IN.row(account_id)
        assert account is not None
        before = _DELETE.row(replaces) if replaces else None
        _views_end([before] if before else [])
        _INSERT.run(
            keys.digest(key), uid, account_id, _text(data), address[:60], agent[:300], remember, held.read(account_id),
            now, now, limits.expiry(now, now, remember=remember),
        )  # fmt: skip
        _SIGNED_IN_NOW.run(now, account_id)
        if before is not None and before["account_id"] == account_id:
            emit(
                SessionsRevoked(account=account["uid"], keys=[replaces], reason="renewed"),
                actor_id=account_id,
            )
        else:
            # Somebody's very first sign-in is from a new browser always, and no news to them.
            new = not known and account["last_seen_at"] is not None
            told = SignedIn(account=account["uid"], session=uid, device=device(agent), new_browser=new)
            emit(told, actor_id=account_id)
    return key


def save(key_hash: str, data: Mapping[str, Any]) -> bool:
    """Store a session's data; False when it was revoked meanwhile (it then stays revoked)."""
    return _SAVE.run(_text(data), key_hash) == 1


def revoke(key_hash: str, reason: str = "signed out") -> bool:
    """End one session. Returns whether it was there."""
    with transaction():
        gone = _DELETE.row(key_hash)
        if gone is not None and gone["account_id"] is not None:
            uid = _ACCOUNT_UID.value(gone["account_id"])
            _views_end([gone])
            emit(SessionsRevoked(account=uid, keys=[key_hash], reason=reason), actor_id=gone["account_id"])
    return gone is not None


def revoke_all(
    account_id: int, *, except_: str = "", reason: str = "revoked", actor_id: int | None = None
) -> int:
    """End every session of an account but that with the key hash ``except_``. Returns how many."""
    with transaction():
        gone = _DELETE_OF.rows(account_id, except_)
        if gone:
            uid = _ACCOUNT_UID.value(account_id)
            _views_end(gone)
            keys_gone = [row["key_hash"] for row in gone]
            emit(SessionsRevoked(account=uid, keys=keys_gone, reason=reason), actor_id=actor_id)
    return len(gone)


def _views_end(gone: Iterable[Mapping[str, Any]]) -> None:
    """Sessions that saw the site as somebody else ended: that ends with them, and is recorded."""
    from ecrm_server.identity import viewing

    for row in gone:
        if row["viewing_id"] is not None:
            viewing.note_end(row, viewing.SIGNED_OUT)


def listed(account_id: int) -> list[dict[str, Any]]:
    """The sessions of an account, the one used last first."""
    return _LIST.rows(account_id, clock.now())


def key_hash_of(session_uid: str, account_id: int) -> str | None:
    """The key hash of an account's session by its public id."""
    found: str | None = _BY_UID.value(session_uid, account_id)
    return found


def sweep() -> int:
    """Delete what is over and note when accounts were last seen. Returns how many rows went."""
    with transaction():
        _SEEN.run()
        return _SWEEP.run(clock.now())


def _text(data: Mapping[str, Any]) -> str:
    return json.dumps(dict(data), separators=(",", ":"), ensure_ascii=False)
