"""Reading, and every page of the forums in every look."""

from __future__ import annotations

import gzip
import re
import time
from typing import Any

import pytest
from playwright.sync_api import Request, expect

from ecrm_server.access import SYSTEM
from ecrm_server.identity.testing import actor_of
from tests.plugins.forums.conftest import imported
from tests.system.browser import DESKTOP, PHONE, SMALL_PHONE, axe, sideways
from tests.system.forums.conftest import FROM_RIGHT, Community, Visit
from tests.system.forums.steps import field

FIRST_LOAD = 120_000
WITH_COMPOSER = 130_000  # it is fetched once the page is at rest
AT_REST = 500  # milliseconds after the load event; see FIRST in static/js/topic/door.js
"""Compressed bytes."""

pytestmark = pytest.mark.browser


def test_unread_posts_are_marked_and_reached_by_a_jump(community: Community, visit: Visit) -> None:
    topic = community.topic(
        "Long story", *[f"Chapter {number}\n\n" + "Words. " * 150 for number in range(1, 31)]
    )
    visitor = visit("Ada Lovelace", "/forums")
    page = visitor.go(topic.url)
    for _ in range(30):
        if page.locator("article", has_text="Chapter 5").bounding_box()["y"] < 300:
            break
        page.mouse.wheel(0, 400)
        page.wait_for_timeout(30)
    page.goto("about:blank")
    time.sleep(0.3)
    page.goto(f"{community.base}{topic.url}?to=unread")
    first = page.locator("[data-unread-line] + .thread-item")
    number = int(re.search(r"Chapter (\d+)", first.inner_text())[1])
    assert 5 <= number <= 8
    expect(first).to_be_in_viewport()
    page.locator("[data-jump] summary").click()
    page.get_by_role("spinbutton", name="Post").fill("3")
    page.keyboard.press("Enter")
    expect(page.locator("article", has_text="Chapter 2\n")).to_be_in_viewport()
    page.locator("[data-jump] summary").click()
    page.get_by_role("link", name="To the end").click()
    expect(page).to_have_url(re.compile(r"page=2#p-"))
    expect(page.locator("article", has_text="Chapter 30")).to_be_in_viewport()


def test_without_javascript_a_topic_is_read_and_answered(community: Community, visit: Visit) -> None:
    topic = community.topic("Plain", "Plain answer")
    visitor = visit("Ben Okri", topic.url, java_script_enabled=False)
    page = visitor.page
    expect(page.locator("article")).to_have_count(2)
    expect(page.locator("markdown-toolbar")).to_be_hidden()
    page.locator("[name=text]").fill("Answered without scripts")
    page.locator("[data-submit]").click()
    expect(page.locator("article").last).to_contain_text("Answered without scripts")
    page.locator("article").first.get_by_role("button", name="Vote up").click()
    expect(page.locator("article").first.locator(".vote-score")).to_contain_text("1")
    visitor.go("/forums/latest")
    expect(page.locator("[data-topics]")).to_contain_text("Plain")


LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": DESKTOP},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": PHONE, "is_mobile": True, "has_touch": True},
    "small phone": {"viewport": SMALL_PHONE, "is_mobile": True, "has_touch": True},
    "right to left": {"viewport": SMALL_PHONE, "is_mobile": True, "has_touch": True},
}
RICH = (
    "# Title\n\nA [link](/forums), `code`, and\n\n```python\n"
    "x = 1  # " + "long " * 40 + "\n```\n\n> quoted\n\n"
    "| "
    + " | ".join(f"column{n}" for n in range(12))
    + " |\n"
    + "|---" * 12
    + "|\n"
    + "| cell " * 12
    + "|\n\n"
    "Averyveryverylongwordwithoutanyplacetobreakitatallthatisreallylongerthanasmallphone"
)
SMALL = """[...document.querySelectorAll('main a.btn, main button, main summary, main .post-act')]
    .filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 100))"""


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_accessible_and_fits(community: Community, visit: Visit, look: str) -> None:
    long = "An extraordinarily long title that goes on and on about derailleurs, bottom brackets and the neighbour"
    topic = community.topic(f"{long} {look}", RICH, text=RICH)
    comment = community.reply(topic, "A comment", parent=community.reply(topic, "Edited").uid)
    author = actor_of(community.account("Ben Okri"))
    community.service("posts").edit(author, comment.uid, source="A changed comment", reason="Clearer")
    paths = (
        topic.url, "/forums", "/forums/latest", "/forums/unread", "/forums/tags", "/forums/tag/brakes", "/forums/new",
        community.place.url, f"/forums/p/{comment.uid}/history", f"/forums/p/{comment.uid}/edit",
        f"/forums/t/{topic.uid}/reply?parent={comment.uid}",
    )  # fmt: skip
    visitor = visit(FROM_RIGHT if look == "right to left" else "Ben Okri", paths[0], **LOOKS[look])
    found = []
    for path in paths[: -2 if look == "right to left" else None]:
        page = visitor.go(path)
        found += sideways(page)
        found += page.evaluate(SMALL) if "has_touch" in LOOKS[look] else axe(page)
        expect(page.locator("html")).to_have_attribute("dir", "rtl" if look == "right to left" else "ltr")
    assert not found, "\n".join(found)


def test_what_opens_over_a_topic_is_accessible(community: Community, visit: Visit) -> None:
    topic = community.topic("Layers", "One", "Two")
    page = visit("Ben Okri", topic.url).page
    page.get_by_role("link", name="Quote").first.click()
    expect(page.locator("[data-markdown]")).to_have_value(re.compile("squeal"))
    field(page).press_sequentially("@ada")
    expect(page.get_by_role("listbox", name="People")).to_be_visible()
    found = axe(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.locator("[data-jump] summary").click()
    found += axe(page)
    page.locator("[data-jump] summary").click()
    page.locator(".watch summary").click()
    found += axe(page)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Flag").first.click()
    expect(page.locator("dialog.dialog")).to_be_visible()
    found += axe(page)
    assert not found, "\n".join(found)


def test_a_narrow_topic_names_the_site_and_covers_no_text(community: Community, visit: Visit) -> None:
    topic = community.topic("Narrow", *["A long answer. " * 40 for _ in range(3)])
    answer = community.reply(topic, "Wipe the rims.")
    comment = community.reply(topic, "With alcohol.", parent=answer.uid)
    imported(comment.uid, source_id="comment 7")
    page = visit("", topic.url, viewport=SMALL_PHONE).page
    name = page.locator(".topbar .brand-name")
    assert name.evaluate("e => e.scrollWidth <= e.clientWidth"), "the whole name is shown"
    bar = page.locator(".thread-float").bounding_box()
    assert (bar["x"], bar["width"]) == (0, SMALL_PHONE["width"]), "a bar below the text, not a box on it"
    source = page.locator(".post-comment .post-source > span")
    expect(source).to_contain_text("CC BY-SA 4.0")
    assert source.bounding_box()["height"] < 25, "one line"
    assert sideways(page) == []
    assert axe(page) == []


def test_the_pages_of_those_who_manage_are_accessible(community: Community, visit: Visit) -> None:
    inner = community.service("categories").create(SYSTEM, {"name": "Wheels", "parent": community.place.uid})
    topic = community.topic("Managed")
    visitor = visit("Mo Derator", topic.url)
    paths = (topic.url, "/forums/admin/categories", f"/forums/admin/categories/{inner.uid}")
    found = []
    for path in paths:
        page = visitor.go(path)
        found += axe(page) + sideways(page)
    assert not found, "\n".join(found)


def test_a_deleted_topic_says_so_to_who_reads_it(community: Community, visit: Visit) -> None:
    topic = community.topic("Gone soon", "Reply")
    page = visit("Ben Okri", topic.url, expected=topic.url).page
    expect(page.locator("[data-presence]")).to_be_hidden()
    page.wait_for_timeout(500)
    community.service("topics").delete(actor_of(community.account("Mo Derator")), topic.uid)
    expect(page.locator(".toast-danger")).to_contain_text("This topic was deleted.")
    expect(page.locator("article").first).to_contain_text("They squeal")


def test_a_topic_is_light_at_first_load(community: Community, visit: Visit) -> None:
    topic = community.topic("Weight", *["A reply of usual length. " * 8 for _ in range(19)])
    loaded: list[Request] = []

    def note(request: Request) -> None:
        loaded.append(request)

    fresh = visit("Ben Okri", "/healthz", viewport=DESKTOP)
    fresh.context.on("requestfinished", note)
    fresh.go(topic.url)
    fresh.page.wait_for_timeout(500)
    rest = fresh.page.evaluate(
        "performance.timeOrigin + performance.getEntriesByType('navigation')[0].loadEventEnd"
    )
    first = sum(weight(request) for request in loaded if request.timing["startTime"] < rest + AT_REST)
    assert 30_000 < first <= FIRST_LOAD
    assert sum(weight(request) for request in loaded) <= WITH_COMPOSER


def weight(request: Request) -> int:
    """Compressed bytes of an answer. Pages themselves are compressed by the proxy in front."""
    answer = request.response()
    if answer is None or answer.status == 101:
        return 0
    if answer.headers.get("content-encoding"):
        return int(request.sizes()["responseBodySize"])
    return len(gzip.compress(answer.body(), 6))
