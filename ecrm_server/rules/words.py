"""A rule in plain words: one sentence for the whole, and for one subject why it holds or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from ecrm_server.rules import formats
from ecrm_server.rules.memory import compiled
from ecrm_server.rules.operators import Takes
from ecrm_server.rules.tree import All, AnyOf, Condition, Nested, Node, Not, Rule


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a part of a rule holds for a subject or not.

    sentence: what was asked. value: what was found, in words; empty for groups. passed: the answer.
    parts: the explanations of a group's parts.
    """

    sentence: str
    value: str
    passed: bool
    parts: tuple[Explanation, ...] = ()


def describe(rule: Rule) -> str:
    """A rule as one line, such as ``Country is Germany and Last order is more than 90 days ago``."""
    return _line(rule.root, top=True)


def explain(rule: Rule, subject: Any, as_of: int) -> Explanation:
    """Each part of a rule with its sentence, the value found and whether it passed, at a moment (ms)."""
    return _explained(rule.root, rule, subject, as_of)


def sentence(condition: Condition) -> str:
    """One condition in words, such as ``Country is Germany``."""
    operator, trait = condition.operator, condition.trait
    words = operator.denies if condition.negated else operator.says
    match operator.takes:
        case Takes.NOTHING:
            shown: tuple[str, ...] = ()
        case Takes.PAIR:
            shown = tuple(formats.value(trait, item) for item in condition.value)
        case Takes.MANY:
            shown = (", ".join(formats.value(trait, item) for item in condition.value),)
        case Takes.DAYS:
            shown = (str(condition.value),)
        case Takes.DAYS_PAIR:
            shown = tuple(str(item) for item in condition.value)
        case Takes.ONE:
            shown = (formats.value(trait, condition.value),)
    return f"{trait.title} {_days(words, shown).format(*shown)}"


def _days(words: str, shown: tuple[str, ...]) -> str:
    return words.replace(" days", " day") if shown[-1:] == ("1",) else words


def _line(node: Node, *, top: bool = False) -> str:
    match node:
        case Condition():
            return sentence(node)
        case Not():
            return f"not ({_line(node.part, top=True)})"
        case Nested():
            return f"in segment '{node.segment.title}'"
        case All(parts=()):
            return "everybody"
        case All() | AnyOf():
            word = " and " if isinstance(node, All) else " or "
            text = word.join(_line(part) for part in node.parts)
            return text if top or len(node.parts) == 1 else f"({text})"


def _explained(node: Node, rule: Rule, subject: Any, as_of: int) -> Explanation:
    match node:
        case Condition():
            passed = compiled(node, rule.traits.zone)(subject, as_of)
            return Explanation(sentence(node), _found(node, subject, as_of, rule), passed)
        case Not():
            part = _explained(node.part, rule, subject, as_of)
            return Explanation("not", "", not part.passed, (part,))
        case Nested():
            part = _explained(node.part, rule, subject, as_of)
            return Explanation(_line(node), "", part.passed, (part,))
        case All():
            parts = tuple(_explained(part, rule, subject, as_of) for part in node.parts)
            title = "all of these" if parts else "everybody"
            return Explanation(title, "", all(part.passed for part in parts), parts)
        case AnyOf():
            parts = tuple(_explained(part, rule, subject, as_of) for part in node.parts)
            return Explanation("at least one of these", "", any(part.passed for part in parts), parts)


def _found(condition: Condition, subject: Any, as_of: int, rule: Rule) -> str:
    trait = condition.trait
    if trait.value(subject) is None:
        return "empty"
    value = trait.read(subject)
    if trait.kind == "set":
        return ", ".join(formats.value(trait, item) for item in sorted(filter(None, value)))
    text = formats.stored(trait, value)
    if trait.kind == "time":
        return f"{text}, {formats.distance((as_of - value) // formats.DAY)}"
    if trait.kind == "date":
        return f"{text}, {formats.distance(formats.days_since(date.fromisoformat(value), as_of, rule.traits.zone))}"
    return text
