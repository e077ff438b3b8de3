"""By what two customers, or two organisations, are known to be one: the reasons, and how sure they make."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ecrm_server.customers.facts import CUSTOMER, ORGANISATION, Subject

THRESHOLD = 50
"""Pairs that score less are no candidates."""
SIMILAR = 0.86
"""From this ratio of ``difflib`` on, names are similar; their words are sorted first."""
WORDS = {
    "email": "The same e-mail address",
    "phone": "The same phone",
    "domain": "The same domain",
    "name": "The same name",
    "bare_name": "The same name, one without a legal form",
    "other_form": "The same name with another legal form",
    "similar_name": "Similar names",
    "address": "The same address",
    "city": "The same city",
    "birthday": "The same birthday",
    "tax_number": "The same tax or registration number",
}


@dataclass(frozen=True, slots=True)
class Signs:
    """What is compared of a subject.

    scores: reason -> what it counts; their sum, at most 100, says how sure it is. shared: reason -> columns; a value
    that stands in any of them on both sides is that reason. apart: column -> what it takes off when both have a value
    and these differ; where they are the same and the column is a reason too, it counts. bare: the column of names as
    they are compared. candidates: groups of columns; who has a value of one of them in the same group is looked at.
    """

    subject: Subject
    scores: Mapping[str, int]
    shared: Mapping[str, tuple[str, ...]]
    apart: Mapping[str, int]
    bare: str
    candidates: tuple[tuple[str, ...], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """What is read of each row to be compared."""
        shared = [column for columns in self.shared.values() for column in columns]
        return tuple(dict.fromkeys(("id", "name_key", self.bare, "city_key", *shared, *self.apart)))


SIGNS: Mapping[str, Signs] = {
    "customer": Signs(
        CUSTOMER,
        scores={
            "email": 60, "phone": 35, "name": 40, "similar_name": 25, "address": 30, "city": 5, "birthday": 25,
        },
        shared={"email": ("email_key",), "phone": ("phone_key",)},
        apart={"birthday": 60},
        bare="name_key",
        candidates=(("email_key",), ("phone_key",), ("name_key",)),
    ),
    "organisation": Signs(
        ORGANISATION,
        scores={
            "email": 50, "phone": 35, "domain": 40, "name": 50, "bare_name": 50, "other_form": 35, "similar_name": 25,
            "address": 30, "city": 10, "tax_number": 80,
        },
        shared={"email": ("email_key",), "phone": ("phone_key",), "domain": ("domain_key", "mail_domain_key")},
        apart={"tax_number_key": 60, "country": 30},
        bare="bare_key",
        candidates=(
            ("email_key",), ("phone_key",), ("bare_key",), ("tax_number_key",), ("domain_key", "mail_domain_key"),
        ),
    ),
}  # fmt: skip

_TOLD_BY = {"domain": {"website", "email"}, "address": {"street", "postcode"}}
"""Reason -> facts that it tells something of, where that is not the fact of its name."""


def alike(one: str, other: str) -> bool:
    """Whether two names (keys) are similar: the same words in any order, or nearly the same letters."""
    (first, letters), (second, others) = _spelled(one), _spelled(other)
    if first == second:
        return True
    # What is compared below has no more letters in common than these; nearly all pairs end here.
    common = sum(min(count, others.get(letter, 0)) for letter, count in letters.items())
    if 2 * common < SIMILAR * (len(first) + len(second)):
        return False
    return difflib.SequenceMatcher(None, first, second).ratio() >= SIMILAR


@lru_cache(maxsize=4_096)
def _spelled(name: str) -> tuple[str, Mapping[str, int]]:
    """A name with its words in order, and how often it has each letter."""
    words = " ".join(sorted(name.replace(",", " ").split()))
    return words, Counter(words)


def judge(signs: Signs, one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[list[str], int]:
    """The reasons why two may be one, and their score from 0 to 100. Two accounts are two people.

    one, other: the columns that are compared; of ``signs.shared`` sets under the name of the reason; ``account``, and
    ``postcode`` and ``street`` of the main address.
    """
    if one["account"] is not None and other["account"] is not None:
        return [], 0
    reasons = [reason for reason in signs.shared if one[reason] & other[reason]]
    reasons += _names(signs, one, other)
    if one["postcode"] and (one["postcode"], _line(one)) == (other["postcode"], _line(other)):
        reasons.append("address")
    elif one["city_key"] and one["city_key"] == other["city_key"]:
        reasons.append("city")
    score = 0
    for column, cost in signs.apart.items():
        if one[column] and other[column]:
            reason = column.removesuffix("_key")
            if one[column] != other[column]:
                score -= cost
            elif reason in signs.scores:
                reasons.append(reason)
    score += sum(signs.scores[reason] for reason in reasons)
    return reasons, max(0, min(score, 100))


def _names(signs: Signs, one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    names, bare = (one["name_key"], other["name_key"]), (one[signs.bare], other[signs.bare])
    if names[0] == names[1]:
        return ["name"]
    if bare[0] == bare[1]:
        return ["bare_name" if bare[0] in names else "other_form"]
    return ["similar_name"] if alike(*bare) else []


def _line(facts: Mapping[str, Any]) -> str:
    return " ".join((facts["street"] or "").casefold().replace(".", " ").split())


def seen(
    signs: Signs, reasons: Collection[str], score: int, hidden: Collection[str]
) -> tuple[list[str], int]:
    """The reasons, and the score, for somebody from whom facts are hidden: what they would tell counts nothing."""
    if not hidden:
        return list(reasons), score
    told = [reason for reason in reasons if not _TOLD_BY.get(reason, {reason}) & set(hidden)]
    return told, score - sum(signs.scores[reason] for reason in reasons if reason not in told)
