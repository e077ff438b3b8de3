"""How many customers a rule would hold for, and ten of them, within the time that somebody waits while writing it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ecrm_server.api import Actor, Prepared, TooSlow, rule_query, rule_subjects, time_limit

from . import state
from .index import SUBJECT

TEN = 10
COUNT_MS, TEN_MS = 150, 120
SAMPLES, SAMPLE = 50, 400
"""So many stretches of so many keys are counted where counting everybody takes too long."""

_LAST = Prepared("SELECT MAX(id) FROM customer")


@dataclass(frozen=True, slots=True)
class Preview:
    """count: exact, or an estimate from a sample. members: uid, name, stage; None where finding them took too long."""

    count: int
    exact: bool
    members: list[dict[str, Any]] | None = field(default_factory=list)


def preview(actor: Actor, rule: Any) -> Preview:
    """What the actor would see of a segment with this rule."""
    about = rule_subjects(SUBJECT)
    scope = about.scope(actor)
    also = f"({about.present}) AND ({scope.text})"
    as_of = state.moment()
    text, values = rule_query(rule, as_of, "t.uid, t.name, t.stage", also=also, params=scope.params)
    members: list[dict[str, Any]] | None
    try:
        with time_limit(TEN_MS):
            members = Prepared(f"{text} ORDER BY t.id DESC LIMIT {TEN}").rows(*values)
    except TooSlow:
        members = None
    if members is not None and len(members) < TEN:
        return Preview(len(members), True, members)
    if members is None:  # what did not find ten in time does not count all in time
        return Preview(_estimate(rule, as_of, also, scope.params), False, members)
    text, values = rule_query(rule, as_of, "COUNT(*)", also=also, params=scope.params)
    try:
        with time_limit(COUNT_MS):
            return Preview(int(Prepared(text).value(*values)), True, members)
    except TooSlow:
        return Preview(_estimate(rule, as_of, also, scope.params), False, members)


def _estimate(rule: Any, as_of: int, also: str, params: tuple[Any, ...]) -> int:
    """Count on stretches of keys spread evenly, and scale up; rounded to two digits."""
    last = int(_LAST.value() or 0)
    step = max(last // SAMPLES, SAMPLE)
    spans = [(start, start + SAMPLE) for start in range(0, last, step)]
    where = " OR ".join(f"t.id > {start} AND t.id <= {end}" for start, end in spans)
    text, values = rule_query(rule, as_of, "COUNT(*)", also=f"{also} AND ({where})", params=params)
    found = int(Prepared(text).value(*values)) * last / (SAMPLE * len(spans))
    digits = max(len(str(int(found))) - 2, 0)
    return round(int(found), -digits)
