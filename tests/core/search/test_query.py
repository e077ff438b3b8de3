"""The search language."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrm_server.search import postgres, sqlite
from ecrm_server.search.marks import Marker
from ecrm_server.search.query import Term, day, parse
from ecrm_server.search.tokens import shape, tokens


def test_words_phrases_exclusions_and_filters_are_told_apart() -> None:
    query = parse('chain "rear wheel" -brake author:"Ann Lee" tag:oil -tag:old in:help is:solved wor')
    assert query.words == (Term(("chain",)), Term(("rear", "wheel")), Term(("wor",), prefix=True))
    assert query.excluded == (Term(("brake",)),)
    assert query.filters == (("author", "Ann Lee"), ("tag", "oil"), ("in", "help"), ("is", "solved"))
    assert query.excluded_filters == (("tag", "old"),)


def test_the_last_word_is_a_beginning_only_while_it_is_being_typed() -> None:
    assert parse("chain").words == (Term(("chain",), prefix=True),)
    assert parse("chain ").words == (Term(("chain",)),)
    assert parse('"chain"').words == (Term(("chain",)),)
    assert parse("c").words == (Term(("c",)),)
    assert parse("车").words == (Term(("车",)),)


@pytest.mark.parametrize("text", ["http://example.com", "note:this", "before:yesterday", "sort:oldest"])
def test_what_is_no_filter_is_searched_as_words(text: str) -> None:
    query = parse(text + " ")
    assert query.words == (Term(tuple(tokens(text))),)
    assert query.filters == ()


def test_dates_begin_their_day_month_or_year_in_utc() -> None:
    assert day("1970") == 0
    assert day("1970-02") == 31 * 86_400_000
    assert day("1970-1-2") == 86_400_000
    assert day("2020-13") is None
    assert day("2020-02-30") is None
    assert parse("before:1971 after:1970-01-02").before == 365 * 86_400_000


def test_an_empty_search_finds_nothing() -> None:
    assert parse("").is_empty
    assert parse(" -x ").is_empty
    assert parse('author:""').is_empty
    assert not parse("tag:x").is_empty
    assert not parse("after:2020").is_empty


@settings(max_examples=300)
@given(
    st.text(max_size=200) | st.text(alphabet="abc\":-*() 'tagauthorbefore2019入門é\x00\ud800", max_size=60)
)
def test_no_text_raises_and_every_token_is_alphanumeric(text: str) -> None:
    query = parse(text)
    for term in (*query.words, *query.excluded):
        assert all(token.isalnum() for token in term.tokens)
    assert (
        sqlite.expression(query, ("k",))
        or query.is_empty
        or query.before is not None
        or query.after is not None
    )
    assert bool(postgres.expression(query, ("k",))) == bool(sqlite.expression(query, ("k",)))
    Marker(query).excerpt(text)


@settings(max_examples=200)
@given(st.text(max_size=200))
def test_pieces_of_an_excerpt_make_up_the_text(text: str) -> None:
    marker = Marker(parse("a 入 the"))
    assert "".join(piece for piece, _ in marker.marked(text)) == text
    assert len(shape(text)) == len(text)
