"""Telling people: one call reaches the bell and the mailbox, as each person wants it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from ecrm_server import clock, ids
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import NotFound
from ecrm_server.events import emit
from ecrm_server.events.outbox import is_importing
from ecrm_server.kernel import current
from ecrm_server.notices import letters, preferences
from ecrm_server.notices.events import Notified
from ecrm_server.notices.kind import NoticeKind

CHUNK = 200
NEWEST = (2**62, 2**62)

_INSERT = Prepared(
    "INSERT INTO notice (uid, account_id, kind, title, url, excerpt, actor_id, group_key, number, at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?)"
    " ON CONFLICT (account_id, group_key) WHERE read_at IS NULL AND group_key <> '' DO UPDATE SET"
    " title = excluded.title, url = excluded.url, excerpt = excluded.excerpt, actor_id = excluded.actor_id,"
    " kind = excluded.kind, at = excluded.at, number = notice.number + 1 RETURNING number"
)
_RECOUNT = Prepared(
    "UPDATE account SET unread_notices = (SELECT COUNT(*) FROM notice WHERE account_id = ? AND read_at IS NULL)"
    " WHERE id = ?"
)
_LOCK = Prepared("SELECT id FROM account WHERE id = ?", lock=True)
_UNREAD = Prepared("SELECT unread_notices FROM account WHERE id = ?")
_PAGE = Prepared(
    "SELECT n.id, n.uid, n.kind, n.title, n.url, n.excerpt, n.number, n.at, n.read_at, p.uid AS actor_uid,"
    " p.name AS actor_name FROM notice n LEFT JOIN profile p ON p.id = n.actor_id"
    " WHERE n.account_id = ? AND (n.at < ? OR (n.at = ? AND n.id < ?)) ORDER BY n.at DESC, n.id DESC LIMIT ?"
)
_URL = Prepared("SELECT url FROM notice WHERE uid = ? AND account_id = ?")
_READ = Prepared("UPDATE notice SET read_at = ? WHERE uid = ? AND account_id = ? AND read_at IS NULL")
_READ_GROUP = Prepared(
    "UPDATE notice SET read_at = ? WHERE account_id = ? AND group_key = ? AND group_key <> '' AND read_at IS NULL"
)
_READ_ALL = Prepared("UPDATE notice SET read_at = ? WHERE account_id = ? AND read_at IS NULL")
_PROFILE = Prepared("SELECT uid FROM profile WHERE account_id = ?")


def notify(
    account_ids: Iterable[int],
    kind: str,
    *,
    title: str,
    url: str,
    excerpt: str = "",
    actor_profile_id: int | None = None,
    group_key: str = "",
) -> int:
    """Tell people something, in the caller's transaction, as each wants to hear of this kind.

    Returns how many of them hear it.
    url: a path on this site. group_key: further notices of the group are counted into an unread one, and mailed about
    only once until it is read. Nothing happens during an import. Raises ValueError for a kind that no part declares.
    """
    declared = current.generation().registry.notice_kinds.get(kind)
    if declared is None:
        raise ValueError(f"no part declares the notice kind '{kind}'")
    if is_importing():
        return 0
    content = _Content(declared, title, url, excerpt, actor_profile_id, group_key)
    everyone = iter(dict.fromkeys(account_ids))
    heard = 0
    with transaction():
        while chunk := list(islice(everyone, CHUNK)):
            heard += content.tell(chunk)
    return heard


class _Content:
    """One thing to tell."""

    def __init__(
        self,
        kind: NoticeKind,
        title: str,
        url: str,
        excerpt: str,
        actor_profile_id: int | None,
        group_key: str,
    ) -> None:
        self._kind, self._title, self._url, self._excerpt = kind, title, url, excerpt
        self._actor, self._group = actor_profile_id, group_key

    def tell(self, account_ids: list[int]) -> int:
        decided = preferences.decisions(account_ids, self._kind.name)
        belled: list[dict[str, Any]] = []
        fresh: list[int] = []
        heard = 0
        for person in _people(account_ids):
            channels = preferences.channels_of(self._kind, decided.get(person["id"], {}))
            number = 1
            if preferences.SITE in channels:
                number = self._insert(person["id"])
                belled.append(person)
                if number == 1:
                    fresh.append(person["id"])
            if preferences.MAIL in channels and number == 1 and person["confirmed_at"] is not None:
                letters.notice(person, self._kind, self._title, self._url, self._excerpt)
            heard += bool(channels)
        _count_up(fresh)
        if belled:
            emit(Notified(profiles=[person["profile_uid"] for person in belled]))
        return heard

    def _insert(self, account_id: int) -> int:
        return int(
            _INSERT.value(
                ids.public_id(), account_id, self._kind.name, self._title, self._url, self._excerpt, self._actor,
                self._group, clock.now(),
            )
        )  # fmt: skip


def _people(account_ids: list[int]) -> Iterator[dict[str, Any]]:
    """Those of the accounts that still exist and may sign in."""
    marks = ", ".join("?" * len(account_ids))
    yield from Prepared(
        "SELECT a.id, a.email, a.confirmed_at, a.locale, p.uid AS profile_uid, p.name FROM account a"
        f" JOIN profile p ON p.account_id = a.id WHERE a.id IN ({marks}) AND a.active AND a.deleted_at IS NULL"
        " ORDER BY a.id"
    ).rows(*account_ids)


def _count_up(account_ids: list[int]) -> None:
    if account_ids:
        marks = ", ".join("?" * len(account_ids))
        Prepared(f"UPDATE account SET unread_notices = unread_notices + 1 WHERE id IN ({marks})").run(
            *account_ids
        )


def unread_count(account_id: int) -> int:
    """How many unread notices a person has."""
    return int(_UNREAD.value(account_id) or 0)


def page(
    account_id: int, *, before: tuple[int, int] = NEWEST, limit: int = 30
) -> tuple[list[dict[str, Any]], tuple[int, int] | None]:
    """A person's notices, newest first, and the key (time, id) before which the next page begins, or None."""
    rows = _PAGE.rows(account_id, before[0], before[0], before[1], limit + 1)
    following = (rows[limit - 1]["at"], rows[limit - 1]["id"]) if len(rows) > limit else None
    return rows[:limit], following


def open_notice(account_id: int, uid: str, *, mark: bool = True) -> str:
    """Mark a notice read and return the path that it is about. Raises NotFound for somebody else's."""
    url = _URL.value(uid, account_id)
    if url is None:
        raise NotFound()
    if mark:
        mark_read(account_id, uid)
    return str(url)


def mark_read(account_id: int, uid: str) -> None:
    """Mark one notice read. Raises NotFound for somebody else's."""
    if _URL.value(uid, account_id) is None:
        raise NotFound()
    with transaction():
        _after_reading(account_id, _READ.run(clock.now(), uid, account_id))


def mark_group_read(account_id: int, group_key: str) -> None:
    """Mark a group's notice read: the person has just seen what it is about."""
    with transaction():
        _after_reading(account_id, _READ_GROUP.run(clock.now(), account_id, group_key))


def mark_all_read(account_id: int) -> None:
    """Mark everything read."""
    with transaction():
        _after_reading(account_id, _READ_ALL.run(clock.now(), account_id))


def _after_reading(account_id: int, changed: int) -> None:
    if not changed:
        return
    _LOCK.value(account_id)
    _RECOUNT.run(account_id, account_id)
    profile = _PROFILE.value(account_id)
    if profile is not None:
        emit(Notified(profiles=[profile]))
