from __future__ import annotations

import time
from pathlib import Path

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrm_server.content.clean import TAGS
from ecrm_server.content.cooked import MAX_SOURCE
from ecrm_server.content.html import sanitize, to_markdown
from ecrm_server.content.markdown import cook
from tests.core.content.dom import ALLOWED_ATTRIBUTES, faults, unbalanced

PAYLOADS = Path(__file__).with_name("payloads.txt").read_text(encoding="utf-8").splitlines()
CONTEXTS = (
    "{}",
    "> {}",
    "- {}",
    "text {} text",
    "<p>{}</p>",
    "<table><tr><td>{}</td></tr></table>",
    "\n\n{}\n\n",
)
FRAGMENTS = [*PAYLOADS, "<p>", "</p>", "<b>", "</b>", "<table>", "<td>", "<pre>", "<code>", "</pre>", "<a href='/x'>",
             "</a>", "@bob", "![a](http://x.y/z)", "\n\n", "\n", "    ", "```\n", "- ", "> ", "| a |", "|--|", "*", "`",
             "<h1>", "<li>", "<blockquote>", "text", "&", '"']  # fmt: skip
documents = st.one_of(st.text(max_size=300), st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join))
quick = settings(max_examples=150)


def profiles(names: set[str]) -> dict[str, str]:
    return {name: f"/people/{name}" for name in names}


def same_when_parsed_again(html: str) -> bool:
    """A browser's parser builds from the text the tree that was meant: the fixed point of parse and serialise."""
    tags = set(TAGS) | {"span"}
    again = nh3.clean(
        html,
        tags=tags,
        attributes={tag: set(ALLOWED_ATTRIBUTES) for tag in tags},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    return again == html


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_survives_in_any_context(payload: str) -> None:
    for context in CONTEXTS:
        text = context.replace("{}", payload)
        for cooked in (cook(text, mentions=profiles), cook(text, raw_html=False), sanitize(text)):
            assert faults(cooked.html) == []
            assert not unbalanced(cooked.html)


def test_the_judge_of_these_tests_finds_what_is_unsafe() -> None:
    raw = "<img src=x onerror=alert(1)><a href='java\tscript:x' id=y>x</a><svg></svg><p class='btn'>x</p>"
    assert len(faults(raw)) == 6


def test_a_long_list_of_different_payloads_is_tried() -> None:
    assert len(set(PAYLOADS)) >= 60


@quick
@given(documents)
def test_cooking_never_raises_and_is_safe(source: str) -> None:
    for cooked in (cook(source, mentions=profiles), cook(source, raw_html=False)):
        assert faults(cooked.html) == []
        assert not unbalanced(cooked.html)


@quick
@given(documents)
def test_sanitising_is_safe_and_twice_changes_nothing(source: str) -> None:
    once = sanitize(source)
    assert faults(once.html) == []
    assert not unbalanced(once.html)
    assert sanitize(once.html) == once


@quick
@given(documents)
def test_a_parser_finds_in_the_output_the_tree_that_was_meant(source: str) -> None:
    assert same_when_parsed_again(sanitize(source).html)
    assert same_when_parsed_again(cook(source, mentions=profiles).html)


@quick
@given(documents)
def test_markdown_made_of_html_says_the_same_words(source: str) -> None:
    once = sanitize(source)
    assert cook(to_markdown(once.html)).text == once.text


@pytest.mark.parametrize(
    "source",
    [
        ">" * 50_000 + "x",
        "- " * 40_000 + "x",
        "<blockquote>" * 8_000,
        "<b>" * 30_000,
        "|a" * 5_000 + "\n" + "|-" * 5_000 + "\n" + "a|\n" * 20_000,
        "[" * 40_000 + "](x)" * 10_000,
        "<ul><li>" * 9_000,
        "*a_ " * 20_000,
        "@a " * 30_000,
        "x" * (MAX_SOURCE + 1),
    ],
)
def test_hostile_documents_are_shown_within_seconds(source: str) -> None:
    before = time.process_time()
    for cooked in (cook(source), sanitize(source)):
        assert faults(cooked.html) == []
    assert time.process_time() - before < 10  # straightforward rendering of some of these takes minutes


def test_too_deep_a_document_is_shown_as_plain_text() -> None:
    cooked = cook("> " * 300 + "deep")
    assert cooked.html.startswith('<pre class="plain">')
    assert cooked.text.endswith("deep")
