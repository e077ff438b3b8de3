from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel

from ecrm_server import clock
from ecrm_server.web import formatting

NOW = 1_763_900_000_000  # 2025-11-23 12:13:20 UTC


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with clock.frozen(lambda: NOW):
        yield


@pytest.fixture
def german() -> Iterator[None]:
    app = Flask("german")
    Babel(app, default_locale="de", default_timezone="Europe/Berlin")
    with app.test_request_context():
        yield


def test_a_day_is_written_as_the_locale_does() -> None:
    assert formatting.day("2026-12-24") == "Dec 24, 2026"


@pytest.mark.parametrize(
    "before, text",
    [
        (0, "now"),
        (44 * clock.SECOND, "now"),
        (46 * clock.SECOND, "1m ago"),
        (5 * clock.MINUTE, "5m ago"),
        (59 * clock.MINUTE, "59m ago"),
        (23 * clock.HOUR, "23h ago"),
        (29 * clock.DAY, "29d ago"),
        (-2 * clock.HOUR, "in 2h"),
        (30 * clock.DAY, "Oct 24, 2025"),
    ],
)
def test_a_time_is_relative_for_thirty_days(before: int, text: str) -> None:
    assert formatting.ago(NOW - before) == text


def test_the_time_element_carries_the_exact_time() -> None:
    assert formatting.when(NOW - 2 * clock.HOUR) == (
        '<time datetime="2025-11-23T10:13:20Z" title="Nov 23, 2025, 10:13\N{NARROW NO-BREAK SPACE}AM UTC">2h ago</time>'
    )


@pytest.mark.usefixtures("german")
def test_times_and_numbers_follow_the_visitors_locale_and_zone() -> None:
    assert formatting.ago(NOW - 3 * clock.HOUR) == "vor 3 Std."
    assert formatting.exact(NOW) == "23.11.2025, 13:13 CET"
    assert formatting.number(1234567.5) == "1.234.567,5"
    assert formatting.date(NOW + 11 * clock.HOUR) == "24.11.2025"


@pytest.mark.parametrize("n, text", [(950, "950"), (1200, "1.2K"), (1_000_000, "1M")])
def test_compact_numbers(n: int, text: str) -> None:
    assert formatting.compact(n) == text


@pytest.mark.parametrize(
    "n, text",
    [(0, "0 B"), (812, "812 B"), (999_999, "1 MB"), (1_440_000, "1.4 MB"), (250_000_000, "250 MB")],
)
def test_sizes(n: int, text: str) -> None:
    assert formatting.byte_size(n).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize(
    "name, letters",
    [
        ("Ada Lovelace", "AL"),
        ("Ana María de la Cruz", "AC"),
        ("user8192", "U"),
        ("jane_doe", "JD"),
        ("山田 花子", "山"),
        ("  ", "?"),
        ("***", "?"),
        ("ßeta", "S"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert formatting.initials(name) == letters


def test_a_persons_colour_stays_and_all_colours_are_used() -> None:
    indexes = [formatting.colour_index(f"uid{n}") for n in range(500)]
    assert set(indexes) == set(range(formatting.COLOURS))
    assert indexes == [formatting.colour_index(f"uid{n}") for n in range(500)]


def test_words_agree_with_their_number() -> None:
    words = ("%(num)d reply", "%(num)d replies")
    assert [formatting.plural(n, *words) for n in (0, 1, 2)] == ["0 replies", "1 reply", "2 replies"]
