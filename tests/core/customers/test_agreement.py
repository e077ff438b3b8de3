"""Lists (SQL) and events (memory) mean the same by a rule, for every trait of customers and organisations."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrm_server import clock
from ecrm_server.access import SYSTEM
from ecrm_server.customers import organisations
from ecrm_server.customers.facts import CUSTOMER, SUBJECTS, Subject
from ecrm_server.data import Prepared
from ecrm_server.rules import Rule, evaluate, explain, parse, query, traits_used, words_for
from ecrm_server.rules.catalogue import load, subjects, trait_set
from tests.core.customers import drawn
from tests.core.rules.drawn import comparison

pytestmark = pytest.mark.usefixtures("both_engines")


def selected(rule: Rule, kind: str, as_of: int, *, negated: bool = False) -> set[int]:
    text, params = query(rule, as_of, "t.id", also=subjects(kind).present, negated=negated)
    return {row[0] for row in Prepared(text).tuples(*params)}


def people(world: drawn.World, subject: Subject) -> None:
    """Forty rows, the same in each run, some of them in organisations."""
    found = st.lists(drawn.facts(world, subject), min_size=40, max_size=40)
    made: list[str] = []

    @settings(max_examples=1)
    @given(found)
    def draw(rows: list[drawn.Facts]) -> None:
        made.extend(uid for row in rows if (uid := drawn.make(subject, row)) is not None)

    draw()
    assert len(made) > 20
    if subject is CUSTOMER:
        firms = [organisations.create(SYSTEM, name) for name in ("Ännchen & Co", "Cogs")]
        for number, uid in enumerate(made[:10]):
            organisations.add_member(SYSTEM, firms[number % 2], uid)


@pytest.mark.parametrize("kind", ["customer", "organisation"])
def test_sql_and_memory_agree_on_every_declared_trait(site: Any, kind: str) -> None:
    subject = SUBJECTS[kind]
    world = drawn.prepare(site, subject)
    people(world, subject)
    known = trait_set(kind)
    ids = [row[0] for row in Prepared(f"SELECT id FROM {subject.table} ORDER BY id").tuples()]

    def expect_agreement(tree: Any, as_of: int = drawn.NOON) -> None:
        rule = parse(tree, known)
        loaded = load(kind, ids, traits_used(rule), as_of)
        passed = {row_id for row_id in ids if evaluate(rule, loaded[row_id], as_of)}
        assert selected(rule, kind, as_of) == passed
        assert selected(rule, kind, as_of, negated=True) == set(ids) - passed
        assert explain(rule, loaded[ids[0]], as_of).passed == (ids[0] in passed)

    @settings(max_examples=3)
    @given(st.data())
    def agree_on_each_word(data: st.DataObject) -> None:
        for trait in known:
            for word in words_for(trait.kind):
                expect_agreement(data.draw(comparison(trait, drawn.values(world, trait), drawn.DAYS, word)))

    @settings(max_examples=60)
    @given(drawn.rules(world, known), st.sampled_from((-clock.DAY, -1, 0, 1, 12 * clock.HOUR)))
    def agree_on_rules(tree: Any, later: int) -> None:
        expect_agreement(tree, drawn.NOON + later)

    agree_on_each_word()
    agree_on_rules()
