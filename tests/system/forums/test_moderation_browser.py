"""The moderators' queue as a newcomer, a moderator and a reader see it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from ecrm_server.identity.testing import make_account
from tests.system.browser import PHONE, axe, sideways
from tests.system.forums.conftest import Community, Visit
from tests.system.forums.steps import post, write

pytestmark = pytest.mark.browser

MODERATOR = "Mona Moderator"


@pytest.fixture
def moderated(community: Community) -> Community:
    """The community with a moderator who has not written anything."""
    if MODERATOR not in community.people:
        community.people[MODERATOR] = make_account(MODERATOR, roles=["moderator"])
    return community


def newcomer(community: Community, name: str) -> str:
    """A member whose first post waits for a moderator."""
    community.people[name] = make_account(name, posts_reviewed=False)
    return name


def reply(page: Page, words: str) -> None:
    """Write a reply that is held; its author sees it, and that it waits."""
    write(page, words)
    post(page)
    written = page.locator(".post", has_text=words)
    expect(written).to_contain_text("Waiting for a moderator")


def test_a_newcomer_s_post_waits_until_a_moderator_lets_it_through(
    moderated: Community, visit: Visit
) -> None:
    words = "Toe the pads in and they fall silent."
    topic = moderated.topic("Held and let through")
    queue = visit(MODERATOR, "/moderation").page
    author = visit(newcomer(moderated, "Nia New"), topic.url).page
    reply(author, words)
    reader = visit("", topic.url).page
    expect(reader.locator(".post", has_text=words)).to_have_count(0)
    expect(queue.locator("#queue-pill")).to_be_visible()
    queue.locator("#queue-pill").click()
    item = queue.locator("[data-review-list] li", has_text=words)
    expect(item).to_contain_text("Nia New")
    item.locator("[data-review-item]").click()
    expect(queue.locator("main")).to_contain_text(words)
    assert axe(queue) == []
    with queue.expect_navigation():
        queue.keyboard.press("a")
    expect(queue.locator(".flash, .notice").first).to_contain_text("Decided.")
    reader.reload()
    shown = reader.locator(".post", has_text=words)
    expect(shown).to_have_count(1)
    expect(shown).not_to_contain_text("Waiting for a moderator")
    author.reload()
    expect(author.locator(".post", has_text=words)).not_to_contain_text("Waiting for a moderator")
    again = "A drop of oil on the pivot helps too."
    write(author, again)
    post(author)
    expect(author.locator(".post", has_text=again)).to_have_count(1)
    expect(author.locator(".post", has_text=again)).not_to_contain_text("Waiting for a moderator")


def test_a_rejected_post_stays_hidden_and_its_author_reads_why(moderated: Community, visit: Visit) -> None:
    words = "Cheap watches, today only."
    topic = moderated.topic("Held and rejected")
    author = visit(newcomer(moderated, "Nils New"), topic.url)
    reply(author.page, words)
    queue = visit(MODERATOR, "/moderation")
    queue.page.locator("[data-review-list] li", has_text=words).locator("[data-review-item]").click()
    form = queue.page.locator("form", has=queue.page.locator("[name=reason]"))
    form.locator("[name=reason]").select_option("spam")
    form.locator("[name=statement]").fill("It sells something and answers nothing.")
    with queue.page.expect_navigation():
        form.get_by_role("button", name="Hide it").click()
    queue.go("/moderation?state=decided")
    expect(queue.page.locator("[data-review-list] li", has_text="Nils New")).to_contain_text("Hidden")
    expect(visit("", topic.url).page.locator(".post", has_text=words)).to_have_count(0)

    author.go("/notices")
    author.page.locator("main a", has_text=re.compile("hidden|Hidden")).first.click()
    expect(author.page).to_have_url(re.compile("/me/decisions/"))
    facts = author.page.locator("main")
    for expected in (
        "Statement of reasons",
        "Advertising or spam",
        "It sells something and answers nothing.",
        "no automatic means were used",
        "You can appeal until",
    ):
        expect(facts).to_contain_text(expected)
    assert axe(author.page) == []
    author.page.set_viewport_size(PHONE)
    assert sideways(author.page) == []
    author.page.locator("[name=text]").fill("It was a joke among friends.")
    author.press("Send appeal")
    expect(facts).to_contain_text("It was a joke among friends.")
    queue.go("/moderation?why=appeal")
    expect(queue.page.locator("[data-review-list] li", has_text="Nils New")).to_have_count(1)
