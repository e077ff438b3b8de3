"""The search page and the palette."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ecrm_server.testing import Browser


def test_the_page_asks_finds_and_says_when_there_is_nothing(visitor: Browser) -> None:
    assert "Search this site" in visitor.get("/search").text
    answer = visitor.get(
        '/search?q=<script>alert(1)</script>&author="x&tag=y&after=2020-01-01&sort=new&kind=none'
    )
    assert answer.status_code == 200
    assert "Nothing found" in answer.text
    assert "<script>alert" not in answer.text


def test_the_palette_offers_only_places_that_the_actor_may_see(
    visitor: Browser, sign_in: Callable[..., Any]
) -> None:
    def titles(browser: Browser, text: str) -> list[str]:
        groups = browser.get(f"/search/palette?q={text}").get_json()["groups"]
        return [item["title"] for group in groups for item in group["items"]]

    assert titles(visitor, "outb") == []
    assert titles(visitor, "sear") == ["Search"]
    assert titles(sign_in("Ann", "admin"), "outb") == ["Outbox"]
    assert titles(visitor, '"*') == titles(visitor, "")
