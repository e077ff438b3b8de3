"""Customers and organisations in the search: by words of their name, number, e-mail address and phone, and by whom they
belong to. Only within what the actor may see, and never by a fact that the actor may not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from ecrm_server.access import SIGNED_IN, Actor
from ecrm_server.content.names import name_key
from ecrm_server.customers import keys, reading, visibility
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION, Subject
from ecrm_server.customers.visibility import EVERY_ROW, PRESENT, READ_OWN
from ecrm_server.data import Prepared
from ecrm_server.data.bulk import select_by_key
from ecrm_server.search.kind import Hit, SearchSource
from ecrm_server.search.tokens import stands_alone, tokens

MOST = 100
"""Rows that are weighed."""
ENOUGH = 2000
"""Rows of one word that are read to see which have the other words too."""
COMMON = 30_000
"""The same, where every word has more than enough."""
FIRMS = 5
DIGITS = 4
"""So many digits are taken for the end of a phone number."""
_LAST = "\U0010ffff"
"""Sorts after everything that goes on."""
_OWN = Prepared(
    "SELECT t.uid, t.name FROM customer c JOIN membership m ON m.customer_id = c.id"
    " JOIN organisation t ON t.id = m.organisation_id WHERE c.account_id = ? AND t.merged_into_id IS NULL"
)
_MEMBERS = (
    "SELECT t.id FROM membership m CROSS JOIN customer t WHERE m.organisation_id IN"
    f" (SELECT t.id FROM organisation t WHERE t.id IN ({{marks}}) AND {PRESENT} AND {{scope}})"
    f" AND t.id = m.customer_id AND {PRESENT} AND {{scope}} LIMIT {MOST}"
)
_SHOWN = {
    "customer": "SELECT t.id, t.uid, t.name, t.number, t.email, t.phone, t.city, o.name FROM customer t"
    " LEFT JOIN organisation o ON o.id = t.organisation_id AND {seen}",
    "organisation": "SELECT t.id, t.uid, t.name, t.number, t.email, t.phone, t.city, NULL FROM organisation t",
}


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of what was typed; ``goes_on``: it may be the beginning of one."""

    text: str
    goes_on: bool


def find(subject: Subject, text: str, actor: Actor, limit: int) -> list[Hit]:
    """What the actor may see and what the text finds, best first: whole keys, beginnings, words within names."""
    words = _words(text)
    if not words:
        return []
    if not visibility.sees_any(actor):
        return _own(actor, words)[:limit] if subject is ORGANISATION else []
    hidden = visibility.hidden(actor, subject)
    found: list[int] = []
    for kind, key in _exact(text):
        if keys.FACTS[kind] not in hidden:
            found += _keyed(actor, subject, kind, [_Word(key, True)])
    found += _keyed(actor, subject, keys.NAME, words)
    if subject is CUSTOMER and len(found) < limit:
        found += _of_organisations(actor, words)
    return _shown(actor, subject, text, found)[:limit]


def _words(text: str) -> list[_Word]:
    found = tokens(text)[: keys.WORDS]
    open_ended = bool(found) and len(found[-1]) > 1 and not stands_alone(found[-1][-1])
    return [_Word(word, open_ended and index == len(found) - 1) for index, word in enumerate(found)]


def _exact(text: str) -> Iterable[tuple[str, str]]:
    """(kind, beginning of a key) of what the text may be besides words of a name."""
    key = name_key(text)
    if " " not in key and len(key) > 1:
        yield keys.NUMBER, key
        if len(key) > 2:
            yield keys.EMAIL, key
    digits = "".join(letter for letter in key if letter.isdigit())
    if len(digits) >= DIGITS and all(letter in "0123456789+-()/. " for letter in key):
        yield (
            keys.PHONE,
            digits.lstrip("0")[-9:][::-1],
        )  # at home one begins with a nought, abroad with the country


def _keyed(actor: Actor, subject: Subject, kind: str, words: Sequence[_Word]) -> list[int]:
    """The ids of rows that have a key for each word, at most so many as are weighed.

    Whoever sees all looks among the keys of each word, and takes what is in all of these sets. Whoever sees some
    looks among those.
    """
    if visibility.scope(actor) is not EVERY_ROW:
        return _among_some(actor, subject, kind, words)
    arms = sorted(((_arm(subject, kind, word), word) for word in words), key=lambda arm: len(arm[0]))
    found = arms[0][0]
    if len(words) > 1 and len(found) > ENOUGH:
        return _common(subject, kind, words)
    more = []
    for arm, word in arms[1:]:
        if len(arm) > ENOUGH:
            more.append(word)  # there are more than were read
        else:
            known = set(arm)
            found = [row_id for row_id in found if row_id in known]
    return _having(subject, kind, found, more)[:MOST]


def _arm(subject: Subject, kind: str, word: _Word) -> list[int]:
    condition, params = _is(kind, word)
    sql = f"SELECT {subject.column} FROM {subject.table}_key WHERE {condition} LIMIT {ENOUGH + 1}"
    return [row[0] for row in reading.prepared(sql).tuples(*params)]


def _common(subject: Subject, kind: str, words: Sequence[_Word]) -> list[int]:
    """Where each word is one of the commonest: some of those that have all."""
    arms, params = [], []
    for word in words:
        condition, more = _is(kind, word)
        arms.append(
            f"SELECT * FROM (SELECT {subject.column} FROM {subject.table}_key WHERE {condition} LIMIT {COMMON}) x"
        )
        params += more
    sql = f"{' INTERSECT '.join(arms)} LIMIT {MOST}"
    return [row[0] for row in reading.prepared(sql).tuples(*params)]


def _among_some(actor: Actor, subject: Subject, kind: str, words: Sequence[_Word]) -> list[int]:
    """Of few rows that the actor sees, all keys are read; of many, those of the longest word."""
    scope = visibility.scope(actor)
    seen = f"FROM {subject.table} t WHERE {scope.text} AND {PRESENT}"
    own = reading.prepared(f"SELECT t.id {seen} LIMIT {ENOUGH + 1}").tuples(*scope.params)
    if len(own) <= ENOUGH:
        return _having(subject, kind, [row[0] for row in own], words)[:MOST]
    driver = max(words, key=lambda word: len(word.text))
    condition, params = _is(kind, driver)
    keyed = f"SELECT {subject.column} FROM {subject.table}_key WHERE {condition}"
    select = reading.prepared(f"SELECT t.id {seen} AND t.id IN ({keyed}) LIMIT {ENOUGH}")
    found = [row[0] for row in select.tuples(*scope.params, *params)]
    return _having(subject, kind, found, [word for word in words if word is not driver])[:MOST]


def _having(subject: Subject, kind: str, row_ids: list[int], words: Sequence[_Word]) -> list[int]:
    """Those of the rows that have a key for each of the words."""
    if not words:
        return row_ids
    known: dict[int, list[str]] = {row_id: [] for row_id in row_ids}
    column = subject.column
    sql = f"SELECT {column}, key FROM {subject.table}_key WHERE kind = ? AND {column} IN {{keys}}"
    for row_id, key in select_by_key(sql, row_ids, kind):
        known[row_id].append(key)
    return [row_id for row_id in row_ids if _has(known[row_id], words)]


def _has(known: Sequence[str], words: Sequence[_Word]) -> bool:
    return all(
        any(one.startswith(word.text) if word.goes_on else one == word.text for one in known)
        for word in words
    )


def _is(kind: str, word: _Word) -> tuple[str, list[Any]]:
    if word.goes_on:
        return "kind = ? AND key >= ? AND key < ?", [kind, word.text, word.text + _LAST]
    return "kind = ? AND key = ?", [kind, word.text]


def _of_organisations(actor: Actor, words: Sequence[_Word]) -> list[int]:
    """People who belong to organisations of this name."""
    firms = _keyed(actor, ORGANISATION, keys.NAME, words)[:FIRMS]
    if not firms:
        return []
    scope = visibility.scope(actor)
    sql = _MEMBERS.format(marks=", ".join("?" * len(firms)), scope=scope.text)
    return [row[0] for row in reading.prepared(sql).tuples(*firms, *scope.params, *scope.params)]


def _own(actor: Actor, words: Sequence[_Word]) -> list[Hit]:
    """The organisations that somebody who is no staff belongs to."""
    rows = _OWN.tuples(actor.account_id) if actor.account_id is not None else []
    return [
        Hit("customers.organisation", uid, name, f"/organisations/{uid}")
        for uid, name in rows
        if _has(tokens(name), words)
    ]


def _shown(actor: Actor, subject: Subject, text: str, row_ids: Sequence[int]) -> list[Hit]:
    """The rows that the actor may see, as hits: those whose name is or begins with the text first."""
    order = {row_id: place for place, row_id in reversed(list(enumerate(row_ids)))}
    wanted, hidden, scope = name_key(text), visibility.hidden(actor, subject), visibility.scope(actor)
    ranked: list[tuple[tuple[int, int], Hit]] = []
    firms = visibility.scope(actor, "o") if subject is CUSTOMER else EVERY_ROW
    shown = _SHOWN[subject.name].format(seen=firms.text)
    select = f"{shown} WHERE {PRESENT} AND {scope.text} AND t.id IN {{keys}}"
    rows = select_by_key(select, order, *firms.params, *scope.params)
    for row_id, uid, name, number, email, phone, city, firm in rows:
        facts = {"number": number, "email": email, "phone": phone, "city": city}
        seen = {title: value for title, value in facts.items() if value and title not in hidden}
        known = name_key(name)
        rank = 0 if known == wanted else 1 if known.startswith(wanted) else 2
        hit = Hit(
            f"customers.{subject.name}", uid, name, f"{subject.url}/{uid}",
            excerpt=" · ".join([*seen.values(), *([firm] if firm else [])]),
            hint=firm or seen.get("email") or seen.get("city") or "",
        )  # fmt: skip
        ranked.append(((rank, order[row_id]), hit))
    return [hit for _, hit in sorted(ranked, key=lambda pair: pair[0])]


def _list_of(subject: Subject, text: str) -> str:
    return f"{subject.url}?{urlencode({'q': text})}"


SOURCES = [
    SearchSource(
        f"customers.{subject.name}",
        subject.title,
        icon,
        permission,
        partial(find, subject),
        partial(_list_of, subject),
    )
    for subject, icon, permission in (
        (CUSTOMER, "address-book", READ_OWN),
        (ORGANISATION, "building", SIGNED_IN),
    )
]
