"""Pieces of pages that are drawn once."""

from __future__ import annotations

from itertools import pairwise

import pytest
from flask import Flask, g
from markupsafe import Markup

from ecrm_server import clock
from ecrm_server.web.formatting import age, ago
from ecrm_server.web.fragments import Fragments, join_pieces
from tests.core.web.frame_app import make_app

PIECE = "{% kept 'greeting', name %}{{ say(name) }}{% endkept %}"


@pytest.fixture
def app() -> Flask:
    return make_app()


def drawn(app: Flask, source: str, language: str = "en", **values: object) -> str:
    with app.test_request_context("/"):
        g.look = (language, "")
        return app.jinja_env.from_string(source).render(**values)


def test_a_kept_piece_is_drawn_once_for_each_value_and_language(app: Flask) -> None:
    said: list[str] = []

    def say(name: str) -> str:
        said.append(name)
        return f"Hello {name} <{len(said)}>"

    assert drawn(app, PIECE, name="Ada", say=say) == "Hello Ada &lt;1&gt;"
    assert drawn(app, PIECE, name="Ada", say=say) == "Hello Ada &lt;1&gt;"
    assert drawn(app, PIECE, name="Ben", say=say) == "Hello Ben &lt;2&gt;"
    assert drawn(app, PIECE, language="ar", name="Ada", say=say) == "Hello Ada &lt;3&gt;"
    assert said == ["Ada", "Ben", "Ada"]


def test_another_generation_draws_anew(app: Flask) -> None:
    assert drawn(app, PIECE, name="Ada", say=str.upper) == "ADA"
    assert drawn(make_app(), PIECE, name="Ada", say=str.lower) == "ada"


def test_what_is_not_asked_for_is_forgotten() -> None:
    store = Fragments(half=100)
    store.put("asked", Markup("a" * 30))
    for number in range(20):
        store.put(number, Markup("b" * 30))
        assert store.get("asked") is not None
    assert store.get(0) is None


def test_rare_letters_become_references_and_others_stay() -> None:
    store = Fragments()
    store.put("english", Markup("<p>" + "word " * 40 + "\N{EN DASH}</p>"))
    store.put("chinese", Markup("<p>自行車</p>"))
    assert store.get("english") == Markup("<p>" + "word " * 40 + "&#8211;</p>")
    assert store.get("chinese") == Markup("<p>自行車</p>")


def test_plain_text_is_never_joined_as_html() -> None:
    assert join_pieces([Markup("<b>"), Markup("</b>")]) == Markup("<b></b>")
    with pytest.raises(TypeError):
        join_pieces([Markup("<b>"), "<script>"])  # type: ignore[list-item]


def test_the_age_changes_exactly_when_the_written_time_does() -> None:
    now = clock.now()
    seconds = [5, 50, 70, 119, 121, 3500, 3700, 7100, 7300, 80_000, 90_000, 170_000, 180_000, 2_500_000]
    seen = [(age(now - 1000 * passed, now), ago(now - 1000 * passed)) for passed in seconds]
    for (number, text), (next_number, next_text) in pairwise(seen):
        assert (number == next_number) == (text == next_text), (text, next_text)
