"""What people do in a topic, and what is stored of it."""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import Locator, Page

from ecrm_server.data import Prepared

POSTS_LIKE = Prepared("SELECT COUNT(*) FROM forums_post WHERE source = ?")


def field(page: Page) -> Locator:
    """The text field, focused, once the composer that comes with it is there (it then offers names)."""
    page.locator("[data-markdown]").focus()
    return page.locator("[data-markdown][aria-autocomplete]")


def write(page: Page, words: str) -> None:
    field(page).fill(words)


def post(page: Page) -> None:
    page.locator("[data-submit]").click()


def pill(page: Page) -> Any:
    return page.locator("#new-posts")


def written(words: str, wanted: int = 1) -> None:
    """Wait until so many posts with these words are stored, then see that no more come."""
    deadline = time.monotonic() + 5
    while POSTS_LIKE.value(words) < wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    assert POSTS_LIKE.value(words) == wanted
