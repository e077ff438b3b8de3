"""The segments in memory: their rules, parsed, and which of them an event may change."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ecrm_server.api import (
    Actor,
    Prepared,
    Refusal,
    Segment,
    TraitSet,
    hidden_traits,
    parse_rule,
    rule_events,
    rule_is_time_dependent,
    rule_segments,
    rule_traits,
    trait_set,
)

from . import state

SUBJECT = "customer"
_ALL = Prepared(
    "SELECT id, uid, title, kind, rule, state, build FROM segments_segment WHERE archived_at IS NULL ORDER BY id"
)
_SEGMENT = Prepared(
    "SELECT uid, title, kind, rule FROM segments_segment WHERE uid = ? AND archived_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A segment as memberships are worked out from it.

    rule: parsed; None for a list, and when it cannot be asked: then ``fault`` says why. uses: public ids of the
    segments in it. timed: whether time alone may change its members.
    """

    id: int
    uid: str
    title: str
    kind: str
    state: str
    build: int
    rule: Any = None
    fault: str = ""
    traits: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    timed: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """All segments that are not archived."""

    by_id: dict[int, Kept]
    by_uid: dict[str, Kept]
    by_event: dict[str, list[Kept]] = field(default_factory=dict)

    def using(self, uid: str) -> list[Kept]:
        """The segments whose rules name this one, directly or through others."""
        return [kept for kept in self.by_id.values() if uid in kept.uses]

    def broken(self) -> list[Kept]:
        """Those whose rule cannot be asked although their row does not say so yet."""
        return [kept for kept in self.by_id.values() if kept.fault and kept.state != "broken"]

    def mended(self) -> list[Kept]:
        """Those whose rule can be asked again."""
        return [kept for kept in self.by_id.values() if kept.rule is not None and kept.state == "broken"]


_kept: tuple[TraitSet, int, Index] | None = None


def index() -> Index:
    """The segments as of now; parsed once for each version and generation."""
    global _kept
    traits, version = trait_set(SUBJECT), state.version()
    if _kept is None or _kept[0] is not traits or _kept[1] != version:
        _kept = (traits, version, _read(traits))
    return _kept[2]


def find_segment(uid: str) -> Segment | None:
    """A segment as rules see it; None when there is none, or it is archived."""
    row = _SEGMENT.row(uid)
    return None if row is None else _as_rules_see(row)


def parsed(tree: Any, own: str = "") -> Any:
    """A rule about customers. Raises Refusal with the place and one sentence."""
    return parse_rule(tree, trait_set(SUBJECT), segment=find_segment, own=own)


def kept_from(actor: Actor, traits: Iterable[str]) -> str:
    """The title of the first of these traits that the actor may not read; empty when there is none."""
    hidden = sorted(hidden_traits(SUBJECT, actor).intersection(traits))
    trait = trait_set(SUBJECT).get(hidden[0]) if hidden else None
    return trait.title if trait is not None else "".join(hidden[:1])


def require_readable(actor: Actor, rule: Any) -> None:
    """Raise Refusal when a rule, or a segment that it names, asks for what the actor may not read."""
    title = kept_from(actor, rule_traits(rule))
    if title:
        raise Refusal(f"You may not read '{title}', so you cannot ask for it.", field="rule")


def _as_rules_see(row: dict[str, Any]) -> Segment:
    return Segment(row["uid"], row["title"], json.loads(row["rule"]) if row["kind"] == "rule" else None)


def _read(traits: TraitSet) -> Index:
    rows = _ALL.rows()
    known = {row["uid"]: _as_rules_see(row) for row in rows}
    segments = [_one(row, traits, known) for row in rows]
    by_event: dict[str, list[Kept]] = {}
    for kept in segments:
        for event in kept.events:
            by_event.setdefault(event, []).append(kept)
    return Index({kept.id: kept for kept in segments}, {kept.uid: kept for kept in segments}, by_event)


def _one(row: dict[str, Any], traits: TraitSet, known: dict[str, Segment]) -> Kept:
    base = {key: row[key] for key in ("id", "uid", "title", "kind", "state", "build")}
    if row["kind"] == "list":
        return Kept(**base)
    tree = json.loads(row["rule"])
    try:
        rule = parse_rule(tree, traits, segment=known.get, own=row["uid"])
    except Refusal as refusal:
        return Kept(**base, fault=refusal.message, uses=tuple(sorted(set(named(tree)))))
    return Kept(
        **base, rule=rule, traits=rule_traits(rule), events=rule_events(rule), uses=rule_segments(rule),
        timed=rule_is_time_dependent(rule),
    )  # fmt: skip


def named(tree: Any) -> Iterable[str]:
    """Public ids of the segments that a tree names itself, whether it can be parsed or not."""
    if isinstance(tree, dict):
        if isinstance(tree.get("segment"), str):
            yield tree["segment"]
        for key in ("all", "any", "not"):
            yield from named(tree.get(key))
    elif isinstance(tree, list):
        for part in tree:
            yield from named(part)
