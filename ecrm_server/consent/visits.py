"""Visits: recorded only while the one who visits agrees, and forgotten when they no longer do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ecrm_server import clock, ids
from ecrm_server.consent import purposes, records
from ecrm_server.consent.purposes import VISITS
from ecrm_server.consent.subject import Subject
from ecrm_server.data import Prepared, transaction
from ecrm_server.settings.store import setting

PAUSE = 30 * clock.MINUTE
"""After a longer one a new visit begins."""
CAMPAIGN = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
TERMS = ("q", "query", "p", "text", "wd", "search")
"""Under which names search engines hand on what was searched for; most do not any more."""
MAX_PATH = 300

_BY = ("account_id", "visitor")
_LAST = {
    column: Prepared(
        f"SELECT id, last_path, last_at, pages FROM visit WHERE {column} = ? ORDER BY id DESC LIMIT 1",
        lock=True,
    )
    for column in _BY
}
_BEGIN = Prepared(
    f"INSERT INTO visit (uid, account_id, visitor, source, search_term, {', '.join(CAMPAIGN)}, landing, last_path,"
    " pages, started_at, last_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?) RETURNING id"
)
_GO_ON = Prepared("UPDATE visit SET last_path = ?, last_at = ?, pages = ? WHERE id = ?")
_PAGE = Prepared("INSERT INTO visit_page (visit_id, path, at) VALUES (?, ?, ?)")
_LIST = {
    column: Prepared(
        f"SELECT id, uid, source, search_term, {', '.join(CAMPAIGN)}, landing, pages, started_at, last_at FROM visit"
        f" WHERE {column} = ? ORDER BY id DESC LIMIT ?"
    )
    for column in _BY
}
_PAGES = Prepared("SELECT path, at FROM visit_page WHERE visit_id = ? ORDER BY id")
_DROP_PAGES = {
    column: Prepared(f"DELETE FROM visit_page WHERE visit_id IN (SELECT id FROM visit WHERE {column} = ?)")
    for column in _BY
}
_DROP = {column: Prepared(f"DELETE FROM visit WHERE {column} = ?") for column in _BY}
_JOIN = Prepared("UPDATE visit SET account_id = ?, visitor = NULL WHERE visitor = ?")
_OLD = Prepared("SELECT id FROM visit WHERE last_at < ? ORDER BY last_at LIMIT ?")
_DROP_PAGES_OF = Prepared("DELETE FROM visit_page WHERE visit_id = ?")
_DROP_ONE = Prepared("DELETE FROM visit WHERE id = ?")


def note(
    subject: Subject, path: str, *, referrer: str = "", campaign: Mapping[str, str] | None = None
) -> bool:
    """Record that somebody looks at a page of this site, if they agree to that. Returns whether they do.

    path: without its query. referrer: the address of the page before, of which the host and a search term are kept.
    campaign: the ``utm_`` parameters of the address.
    """
    if VISITS.key not in purposes.every():
        return False
    with transaction():
        # The lock lets a withdrawal that happens meanwhile delete what is written here.
        if not records.holds(VISITS, records.locked(subject, VISITS.key) or {"given": False}):
            return False
        now, shown = clock.now(), path[:MAX_PATH]
        last = _LAST[subject.column].row(subject.key)
        if last is None or now - last["last_at"] > PAUSE:
            _begin(subject, shown, referrer, campaign or {}, now)
        else:
            _go_on(last, shown, now)
    return True


def _begin(subject: Subject, path: str, referrer: str, campaign: Mapping[str, str], now: int) -> None:
    host, term = origin(referrer)
    known = [str(campaign.get(name, ""))[:120] for name in CAMPAIGN]
    visit = _BEGIN.value(
        ids.public_id(), subject.account_id, subject.visitor, host, term, *known, path, path, now, now
    )
    _PAGE.run(visit, path, now)


def _go_on(last: dict[str, Any], path: str, now: int) -> None:
    another = path != last["last_path"] and last["pages"] < setting("consent.visit_pages")
    if another:
        _PAGE.run(last["id"], path, now)
    _GO_ON.run(path, now, last["pages"] + another, last["id"])


def origin(referrer: str) -> tuple[str, str]:
    """Host and search term of the page before; empty where there is none."""
    try:
        parts = urlsplit(referrer)
        host = (parts.hostname or "") if parts.scheme in ("http", "https") else ""
        query = parse_qs(parts.query, max_num_fields=50)
    except ValueError:
        return "", ""
    term = next((query[name][0] for name in TERMS if name in query), "") if host else ""
    return host[:200], " ".join(term.split())[:200]


def listed(subject: Subject, limit: int = 50) -> list[dict[str, Any]]:
    """The visits recorded, newest first, each with its ``path``: a list of path and at."""
    rows = _LIST[subject.column].rows(subject.key, limit)
    for row in rows:
        row["path"] = _PAGES.rows(row.pop("id"))
    return rows


def forget(subject: Subject) -> int:
    """Delete what was recorded of somebody, in the caller's transaction. Returns how many visits that were."""
    _DROP_PAGES[subject.column].run(subject.key)
    return _DROP[subject.column].run(subject.key)


def join(visitor: str, account_id: int) -> int:
    """Let the visits of a visitor belong to an account. Returns how many."""
    return _JOIN.run(account_id, visitor)


def sweep(before: int, limit: int) -> int:
    """Delete visits that ended long ago."""
    found = [row[0] for row in _OLD.tuples(before, limit)]
    for visit in found:
        _DROP_PAGES_OF.run(visit)
        _DROP_ONE.run(visit)
    return len(found)
