"""What parts find by their own queries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ecrm_server.access import Actor
from ecrm_server.data import Prepared, is_postgres
from ecrm_server.kernel import current
from ecrm_server.search import sources
from ecrm_server.search.kind import Hit, SearchSource

pytestmark = pytest.mark.usefixtures("library")
LIBRARIAN = Actor(account_id=1, uid="l", permissions=frozenset({"library.read_cards"}))
READER = Actor(account_id=2, uid="r")


def test_a_source_is_asked_for_whom_it_is_and_a_failing_one_does_no_harm() -> None:
    (found,) = sources.find("old maps", LIBRARIAN, 2)
    assert (found.source.name, [hit.title for hit in found.hits]) == ("library.card", ["Card old maps"] * 2)
    assert found.more == "/library?q=old maps"
    assert [piece for piece, marked in found.hits[0].title_marks if marked] == ["old", "maps"]
    assert sources.find("old maps", READER, 2) == []
    assert "library.card" not in {source.name for source in sources.offered(READER)}
    assert sources.find("old maps", LIBRARIAN, 2, only="library.torn") == []


@pytest.mark.parametrize(
    "text", ["", "   ", "tag:x maps", "author:ann", "maps -old", "before:2020 maps", '"']
)
def test_a_source_is_asked_with_words_alone(text: str) -> None:
    assert sources.find(text, LIBRARIAN, 2) == []


def test_a_slow_source_finds_nothing(monkeypatch: pytest.MonkeyPatch, make_site: Callable[..., Any]) -> None:
    count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000) SELECT COUNT(*) FROM n"
    slow = "SELECT pg_sleep(30)" if is_postgres() else count

    def find(text: str, actor: Actor, limit: int) -> list[Hit]:
        return [Hit("library.card", str(Prepared(slow).value()), "never", "/")]

    known = current.generation().registry.search_sources
    monkeypatch.setitem(known, "library.card", replace(known["library.card"], find=find))
    assert isinstance(known["library.card"], SearchSource)
    assert sources.find("old maps", LIBRARIAN, 2) == []
