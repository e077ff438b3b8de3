"""The one search index: putting documents in, taking them out, finding what an actor may read."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from ecrm_server.data import Prepared, database, transaction
from ecrm_server.errors import EcrmError
from ecrm_server.kernel import current
from ecrm_server.search.document import Document, Extra
from ecrm_server.search.engine import Conditions, engine
from ecrm_server.search.kind import Hit, SearchKind
from ecrm_server.search.marks import Marker
from ecrm_server.search.query import Query, parse

if TYPE_CHECKING:
    from ecrm_server.access.actor import Actor

CHUNK = 100
COMMON = 300
"""A search with so many matches is not weighed: titles come first, then what was put in last. That many are shown."""
PAGE = 20


@dataclass(frozen=True, slots=True)
class Results:
    """A page of hits. ``next``: what ``before`` must be for the following page; None when there is none.

    count: how many were found on all pages, where that is known (``grouped``); capped: and there are more.
    """

    hits: tuple[Hit, ...] = ()
    next: str | None = None
    count: int | None = None
    capped: bool = False

    @property
    def more(self) -> bool:
        return self.next is not None


def put(  # noqa: PLR0913  (a document has that many independent properties)
    kind: str,
    uid: str,
    *,
    scope: str,
    title: str,
    body: str,
    at: int,
    author: str = "",
    tags: Iterable[str] = (),
    extra: Extra | None = None,
    lang: str | None = None,
) -> None:
    """Put one document in, or replace it. See :class:`ecrm_server.search.document.Document`."""
    put_many([Document(kind, uid, scope, title, body, at, author, tuple(tags), extra or {}, lang)])


def put_many(documents: Iterable[Document]) -> int:
    """Put many documents in (thousands a second). Returns how many. One transaction per hundred, or the caller's."""
    rest = iter(documents)
    number = 0
    while chunk := list(islice(rest, CHUNK)):
        latest = {(document.kind, document.uid): document.row() for document in chunk}
        # A savepoint in the caller's transaction would cost as much as the writing of one document.
        with nullcontext() if database.in_transaction() else transaction():
            engine().write(list(latest.values()))
        number += len(chunk)
    return number


def remove(kind: str, uid: str) -> None:
    """Take a document out; nothing happens when it is not there."""
    remove_many(kind, [uid])


def remove_many(kind: str, uids: Iterable[str]) -> None:
    """Take documents of one kind out."""
    rest = iter(uids)
    while chunk := list(islice(rest, CHUNK)):
        with transaction():
            engine().remove(kind, chunk)


def rescope(kind: str, uids: Iterable[str], scope: str) -> None:
    """Change who may find documents (a topic was moved, for example)."""
    rest = iter(uids)
    while chunk := list(islice(rest, CHUNK)):
        marks = ", ".join("?" * len(chunk))
        Prepared(f"UPDATE search_document SET scope = ? WHERE kind = ? AND uid IN ({marks})").run(
            scope, kind, *chunk
        )


def reauthor(kind: str, uids: Iterable[str], author: str) -> None:
    """Write another name into documents: their author has another one now, or is forgotten (empty).

    The index cannot do it alone: it knows names, and names repeat.
    """
    rest = iter(uids)
    while chunk := list(islice(rest, CHUNK)):
        marks = ", ".join("?" * len(chunk))
        rows = Prepared(
            "SELECT uid, scope, title, body, tags, extra, at, lang FROM search_document"
            f" WHERE kind = ? AND author <> ? AND uid IN ({marks})"
        ).rows(kind, author, *chunk)
        put_many(
            Document(
                kind, row["uid"], row["scope"], row["title"], row["body"], row["at"], author,
                tuple(json.loads(row["tags"])), json.loads(row["extra"]), row["lang"],
            )
            for row in rows
        )  # fmt: skip


def forget_kind(kind: str) -> None:
    """Take all documents of a kind out (its plugin is purged, or indexes everything again)."""
    page = Prepared(f"SELECT uid FROM search_document WHERE kind = ? LIMIT {CHUNK}")
    while uids := [uid for (uid,) in page.tuples(kind)]:
        remove_many(kind, uids)


def forget_part(part: str) -> None:
    """Take out all documents of all kinds of a plugin that is purged."""
    kinds = Prepared("SELECT DISTINCT kind FROM search_document WHERE substr(kind, 1, ?) = ?")
    for (kind,) in kinds.tuples(len(part) + 1, f"{part}."):
        forget_kind(kind)


def query(
    text: str | Query,
    actor: Actor,
    *,
    kinds: Iterable[str] | None = None,
    before: str | None = None,
    limit: int = PAGE,
) -> Results:
    """Find what an actor may read, best first, or newest first when only filters (or ``sort:new``) are given.

    text: see :mod:`ecrm_server.search.query`. kinds: only these. before: ``Results.next`` of the page before. Never
    raises for what a person can type.
    """
    asked = parse(text) if isinstance(text, str) else text
    readable = _readable(actor, None if kinds is None else set(kinds))
    if asked.is_empty or not readable:
        return Results()
    conditions = _conditions(asked, readable, narrowed=kinds is not None)
    keys: list[tuple[float, int]]
    if asked.newest_first or not asked.words:
        keys = [(-at, number) for number, at in _newest(asked, conditions, before, limit)]
    else:
        keys = _best(asked, conditions, before, limit)
    following = _page_key(keys[limit - 1]) if len(keys) > limit else None
    ids = [number for _, number in keys[:limit]]
    return Results(_filled(ids, _shown(ids, readable, actor), asked), following)


def grouped(
    text: str | Query,
    actor: Actor,
    *,
    kinds: Iterable[str] | None = None,
    before: str | None = None,
    limit: int = PAGE,
    titles: bool = False,
) -> Results:
    """As ``query``, but of several hits of one group (the posts of one topic) the best alone.

    titles: only what has the words in its title, the latest first. Counted are the groups of the first COMMON matches;
    pages of what is sorted by time know no count after the first.
    """
    asked = parse(text) if isinstance(text, str) else text
    readable = _readable(actor, None if kinds is None else set(kinds))
    if asked.is_empty or not readable:
        return Results(count=0)
    conditions = _conditions(asked, readable, narrowed=kinds is not None)
    by_time = asked.newest_first or not asked.words
    keys: list[tuple[float, int]]
    if by_time:
        keys = [(-at, number) for number, at in _newest(asked, conditions, before, COMMON)]
    elif titles:
        keys = [(-1.0, number) for number in engine().latest(asked, conditions, COMMON, title_only=True)]
    else:
        keys = _best(asked, conditions, None, 2 * COMMON)
    hits = _shown([number for _, number in keys], readable, actor)
    best: dict[tuple[str, str], tuple[float, int]] = {}
    for key in keys:
        hit = hits.get(key[1])
        if hit is not None:
            best.setdefault((hit.kind, hit.group or hit.uid), key)
    page = list(best.values()) if by_time else _after(before, list(best.values()))
    following = _page_key(page[limit - 1]) if len(page) > limit else None
    if following is None and by_time and len(keys) > COMMON:
        following = _page_key(keys[COMMON - 1])
    return Results(
        _filled([number for _, number in page[:limit]], hits, asked),
        following,
        None if by_time and before else len(best),
        len(keys) >= COMMON,
    )


Readable = list[tuple[SearchKind, list[str]]]


def _readable(actor: Actor, wanted: set[str] | None) -> Readable:
    """The kinds asked for with the scopes that the actor may read; a part that fails here finds nothing."""
    generation = current.generation()
    found: Readable = []
    for kind in generation.registry.search_kinds.values():
        if wanted is not None and kind.name not in wanted:
            continue
        try:
            scopes = list(kind.scopes(actor))
        except EcrmError:
            continue
        except Exception as error:  # one part's fault must not take the others' results away
            generation.fault(
                generation.registry.owner[f"search_kinds {kind.name}"], f"scopes of {kind.name}", error
            )
            continue
        if scopes:
            found.append((kind, scopes))
    return found


def _conditions(asked: Query, readable: Readable, *, narrowed: bool) -> Conditions:
    allowed: list[str] = []
    params: list[Any] = []
    for kind, scopes in readable:
        allowed.append(f"(d.kind = ? AND d.scope IN ({', '.join('?' * len(scopes))}))")
        params += [kind.name, *scopes]
    sql = f"({' OR '.join(allowed)})"
    for moment, condition in ((asked.before, "d.at < ?"), (asked.after, "d.at >= ?")):
        if moment is not None:
            sql += f" AND {condition}"
            params.append(moment)
    return Conditions(sql, tuple(params), tuple(kind.name for kind, _ in readable) if narrowed else ())


def _newest(asked: Query, conditions: Conditions, before: str | None, limit: int) -> list[tuple[int, int]]:
    cursor = _cursor(before)
    key = (-int(cursor[0]), cursor[1]) if cursor else None
    return engine().newest(asked, conditions, key, limit + 1)


def _best(asked: Query, conditions: Conditions, before: str | None, limit: int) -> list[tuple[float, int]]:
    """(score, id), best first; of two alike the later one."""
    keys = sorted((score, -number) for number, score in _scores(asked, conditions).items())
    return _after(before, [(score, -negative) for score, negative in keys])[: limit + 1]


def _after(before: str | None, keys: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """The keys of a sorted list that follow a page's."""
    cursor = _cursor(before)
    if cursor is None:
        return keys
    return [key for key in keys if (key[0], -key[1]) > (cursor[0], -cursor[1])]


def _page_key(key: tuple[float, int]) -> str:
    return f"{key[0]!r}_{key[1]}"


def _scores(asked: Query, conditions: Conditions) -> dict[int, float]:
    """id -> score. To weigh a match the engine reads all places of each word, too slow for the commonest words."""
    latest = engine().latest(asked, conditions, COMMON)
    if len(latest) < COMMON:
        return dict(engine().ranked(asked, conditions, COMMON)) if latest else {}
    scores = dict.fromkeys(latest, -1.0)
    scores.update(dict.fromkeys(engine().latest(asked, conditions, COMMON, title_only=True), -2.0))
    return scores


def _cursor(before: str | None) -> tuple[float, int] | None:
    """A page's key; a broken one begins again at the first page."""
    score, _, number = (before or "").rpartition("_")
    try:
        key = float(score), int(number)
    except ValueError:
        return None
    return key if abs(key[0]) < 2**53 and abs(key[1]) < 2**53 else None


def _shown(ids: list[int], readable: Readable, actor: Actor) -> dict[int, Hit]:
    """The hits by document id, as their parts show them; without those that they show no more."""
    if not ids:
        return {}
    marks = ", ".join("?" * len(ids))
    places = Prepared(f"SELECT id, kind, uid FROM search_document WHERE id IN ({marks})").tuples(*ids)
    uids: dict[str, list[str]] = {}
    for _, kind, uid in places:
        uids.setdefault(kind, []).append(uid)
    shown = {kind.name: _present(kind, uids[kind.name], actor) for kind, _ in readable if kind.name in uids}
    return {number: shown[kind][uid] for number, kind, uid in places if uid in shown[kind]}


def _filled(ids: list[int], hits: dict[int, Hit], asked: Query) -> tuple[Hit, ...]:
    """The hits in the order of the ids, with what their parts left to the index."""
    wanted = [number for number in ids if number in hits]
    if not wanted:
        return ()
    marks = ", ".join("?" * len(wanted))
    select = Prepared(f"SELECT id, body, author, at FROM search_document WHERE id IN ({marks})")
    rows = {row["id"]: row for row in select.rows(*wanted)}
    marker = Marker(asked)
    return tuple(_whole(hits[number], rows[number], marker) for number in wanted if number in rows)


def _present(kind: SearchKind, uids: list[str], actor: Actor) -> dict[str, Hit]:
    generation = current.generation()
    try:
        return kind.present(uids, actor)
    except EcrmError:
        return {}
    except Exception as error:  # one part's fault must not take the others' results away
        generation.fault(
            generation.registry.owner[f"search_kinds {kind.name}"], f"presenting {kind.name}", error
        )
        return {}


def _whole(hit: Hit, row: dict[str, Any], marker: Marker) -> Hit:
    excerpt = hit.excerpt or row["body"]
    return dataclasses.replace(
        hit,
        at=hit.at or row["at"],
        author=hit.author or row["author"],
        title_marks=marker.marked(hit.title),
        marks=marker.excerpt(excerpt),
    )
