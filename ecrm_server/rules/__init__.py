"""The one rule language: a JSON tree over declared, typed traits.

One parsed rule is asked in four ways, which always agree: in memory, in SQL, in words, and about time.
"""

from __future__ import annotations

from ecrm_server.rules.change import changeable, forecast, next_change, time_dependent
from ecrm_server.rules.memory import evaluate, predicate
from ecrm_server.rules.operators import OPERATORS, Operator, Takes, words_for
from ecrm_server.rules.parse import parse
from ecrm_server.rules.sql import from_sql, query, to_sql
from ecrm_server.rules.trait import AS_OF, KINDS, Expression, Join, Kind, Members, Trait, TraitSet
from ecrm_server.rules.tree import VERSION, Rule, Segment, events_relevant, segments_used, traits_used
from ecrm_server.rules.words import Explanation, describe, explain

__all__ = [
    "AS_OF",
    "KINDS",
    "OPERATORS",
    "VERSION",
    "Explanation",
    "Expression",
    "Join",
    "Kind",
    "Members",
    "Operator",
    "Rule",
    "Segment",
    "Takes",
    "Trait",
    "TraitSet",
    "changeable",
    "describe",
    "evaluate",
    "events_relevant",
    "explain",
    "forecast",
    "from_sql",
    "next_change",
    "parse",
    "predicate",
    "query",
    "segments_used",
    "time_dependent",
    "to_sql",
    "traits_used",
    "words_for",
]
