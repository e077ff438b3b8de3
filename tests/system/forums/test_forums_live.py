"""Two people in one topic, and one with a bad connection."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from ecrm_server.identity.testing import actor_of
from tests.system.forums.conftest import Community, Visit
from tests.system.forums.steps import field, pill, post, write, written

pytestmark = pytest.mark.browser


# ---- live


def test_a_post_in_one_window_shows_in_the_other_within_a_second(community: Community, visit: Visit) -> None:
    topic = community.topic(
        "Squealing brakes", *[f"Reply {number}\n\n" + "Long. " * 80 for number in range(6)]
    )
    ben, ada = visit("Ben Okri", topic.url).page, visit("Ada Lovelace", topic.url).page
    expect(ada.locator("[data-presence]")).to_contain_text("Ben Okri")
    ada.mouse.wheel(0, 500)
    ada.wait_for_function("scrollY > 300")
    read = ada.evaluate("scrollY")
    write(ben, "Toe the **pads** in.")
    expect(ada.locator("[data-typing]")).to_have_text("Ben Okri is writing")
    post(ben)
    expect(pill(ada)).to_contain_text("1 new post", timeout=1000)
    expect(ada.locator("[data-typing]")).to_be_empty(timeout=1000)
    expect(ben.locator(".thread-item").last.locator("strong")).to_have_text("pads")
    assert ada.evaluate("scrollY") == read
    pill(ada).locator("a").click()
    expect(ada.locator(".thread-item").last).to_contain_text("Toe the pads in.")
    expect(ada.locator("[data-unread-line]")).to_be_visible()
    expect(pill(ada)).to_be_hidden()
    expect(ben.locator(".thread-item")).to_have_count(8)
    expect(ada.locator(".thread-item")).to_have_count(8)
    for page in (ada, ben):
        expect(page.locator("#topic-header")).to_contain_text("7 replies")


def test_votes_edits_and_deletions_change_in_place(community: Community, visit: Visit) -> None:
    topic = community.topic("Worn pads", "Look at the grooves.")
    reply = community.reply(topic, "Replace them.")
    ada = visit("Ada Lovelace", topic.url, expected="/vote").page
    ben = visit("Ben Okri", topic.url).page
    mine = ada.locator(f"#p-{reply.uid}")
    mine.get_by_role("button", name="Vote up").click()
    expect(mine.locator("[data-vote-score]")).to_have_text("1")
    expect(ben.locator(f"#p-{reply.uid} [data-vote-score]")).to_have_text("1", timeout=2000)
    community.service("posts").edit(
        actor_of(community.account("Ben Okri")), reply.uid, source="Replace both."
    )
    expect(mine).to_contain_text("Replace both.")
    expect(mine.get_by_role("button", name="Vote up")).to_have_attribute("aria-pressed", "true")
    ada.route("**/vote", lambda route: route.abort())
    mine.get_by_role("button", name="Vote down").click()
    expect(ada.locator(".toast-danger")).to_be_visible()
    expect(mine.locator("[data-vote-score]")).to_have_text("1")
    mine.get_by_role("button", name="Answer").click()
    expect(ben.locator(f"#p-{reply.uid}")).to_contain_text("Accepted answer")
    expect(ben.locator("#topic-header")).to_contain_text("Solved")


def test_a_hidden_answer_keeps_its_place_above_its_comments(community: Community, visit: Visit) -> None:
    topic = community.topic("Chain oil", "Use wax.", "Use nothing.")
    bad = community.reply(topic, "Use butter.")
    comment = community.reply(topic, "That gums up.", by="Cy Young", parent=bad.uid)
    ada = visit("Ada Lovelace", topic.url).page
    expect(ada.locator("#topic-header")).to_contain_text("4 replies")
    community.service("moderating").hide(bad.uid, actor_of(community.account("Mo Derator")))
    gone = ada.locator(f"#p-{bad.uid}")
    expect(gone).to_have_text("This post is hidden by a moderator.")
    expect(ada.locator("#topic-header")).to_contain_text("3 replies")
    for _ in range(2):
        expect(ada.locator(".thread-item", has=gone).locator(f".comments #p-{comment.uid}")).to_be_visible()
        ada.evaluate("scrollTo(0, document.body.scrollHeight)")
        expect(ada.locator(".jump-at")).to_have_text("4 / 4")
        ada.reload()
    community.service("moderating").hide(comment.uid, actor_of(community.account("Mo Derator")))
    ada.reload()
    expect(gone).to_have_count(0)
    expect(ada.locator(".jump-at")).to_have_text("3 / 3")


def test_deleting_a_post_can_be_undone_from_the_toast(community: Community, visit: Visit) -> None:
    topic = community.topic("Loose bolts", "Tighten them.")
    ben, ada = visit("Ben Okri", topic.url).page, visit("Ada Lovelace", topic.url).page
    reply = ben.locator(".thread-item").last
    reply.get_by_role("button", name="Delete").click()
    expect(ada.locator(".thread-item").last).to_contain_text("This post was deleted.")
    ben.get_by_role("button", name="Undo").click()
    expect(reply).to_contain_text("Tighten them.")
    expect(ada.locator(".thread-item").last).to_contain_text("Tighten them.")


def test_typing_is_shown_to_the_others(community: Community, visit: Visit) -> None:
    topic = community.topic("Who writes")
    ada, ben = visit("Ada Lovelace", topic.url).page, visit("Ben Okri", topic.url).page
    expect(ada.locator("[data-presence]")).to_contain_text("Ben Okri")
    expect(ben.locator("[data-presence]")).to_contain_text("Ada Lovelace")
    field(ben).press_sequentially("I think", delay=20)
    expect(ada.locator("[data-typing]")).to_have_text("Ben Okri is writing")
    expect(ben.locator("[data-typing]")).to_be_empty()


def test_lists_offer_what_moved(community: Community, visit: Visit) -> None:
    topic = community.topic("Quiet topic")
    page = visit("Ada Lovelace", "/forums/latest").page
    page.wait_for_timeout(300)
    community.reply(topic, "No longer.")
    news = page.locator(".list-news .pill")
    expect(news).to_have_text("1 topic with news")
    news.click()
    row = page.locator(f"#t-{topic.uid}")
    expect(row).to_contain_text("1 new")
    expect(page.locator("[data-topics] > li").first).to_have_attribute("id", f"t-{topic.uid}")
    expect(news).to_be_hidden()


# ---- a bad connection


def lose_answer(route: Route) -> None:
    route.fetch()
    route.abort()


@pytest.mark.parametrize(
    "break_it", [lambda route: route.abort(), lose_answer], ids=["unsent", "answer lost"]
)
def test_a_reply_that_failed_is_kept_over_a_reload_and_sent_once(
    community: Community, visit: Visit, break_it: Callable[[Route], None], request: pytest.FixtureRequest
) -> None:
    topic = community.topic("Tunnel")
    words = f"From the tunnel, {request.node.callspec.id}"
    page = visit("Ben Okri", topic.url, expected="/reply").page
    page.route("**/reply", break_it)
    write(page, words)
    post(page)
    pending = page.locator(".post-sending")
    expect(pending).to_contain_text(words)
    expect(pending).to_contain_text("Not sent")
    expect(page.locator("[data-markdown]")).to_have_value("")
    page.reload()
    expect(pending).to_contain_text("Not sent")
    page.unroute("**/reply")
    # It may be on its way again already: the page tries by itself too.
    page.evaluate("document.querySelector('.post-sending .post-act')?.click()")
    expect(pending).to_have_count(0)
    expect(page.locator("article", has_text=words)).to_have_count(1)
    written(words)
    page.reload()
    expect(page.locator("article", has_text=words)).to_have_count(1)
    expect(pending).to_have_count(0)


def test_what_is_discarded_is_not_sent(community: Community, visit: Visit) -> None:
    topic = community.topic("Second thoughts")
    page = visit("Ben Okri", topic.url, expected="/reply").page
    page.route("**/reply", lambda route: route.abort())
    write(page, "Better not.")
    post(page)
    page.get_by_role("button", name="Retry").click()
    page.get_by_role("button", name="Discard").click()
    expect(page.locator(".post-sending")).to_have_count(0)
    page.reload()
    expect(page.locator(".post-sending")).to_have_count(0)
    written("Better not.", 0)


def test_who_goes_offline_early_can_still_write(community: Community, visit: Visit) -> None:
    topic = community.topic("Before the tunnel")
    visitor = visit("Cleo Cold", topic.url, expected="/reply")
    page = visitor.page
    page.wait_for_timeout(1100)
    assert not page.evaluate("!!customElements.get('markdown-toolbar')"), "the toolbar comes with the focus"
    visitor.expected += ["markdown-toolbar", "/read"]  # what was read is told when there is a connection again
    visitor.context.set_offline(True)
    write(page, "Written in the dark.")
    post(page)
    expect(page.locator(".post-sending")).to_contain_text("Written in the dark.")
    visitor.context.set_offline(False)
    expect(page.locator(".post-sending")).to_have_count(0)
    written("Written in the dark.")
    page.reload()
    page.wait_for_timeout(400)
    field(page)
    page.wait_for_function("!!customElements.get('markdown-toolbar')")


def test_offline_nothing_is_lost_and_nothing_doubled(community: Community, visit: Visit) -> None:
    topic = community.topic("On the train")
    visitor = visit("Ben Okri", topic.url, expected="/")
    page = visitor.page
    page.wait_for_timeout(300)
    visitor.context.set_offline(True)
    community.cut_sockets()
    expect(page.locator("#connection")).to_be_visible()
    write(page, "Written in a tunnel.")
    post(page)
    expect(page.locator(".post-sending")).to_contain_text("Will be sent when you are online")
    community.reply(topic, "Said meanwhile.", by="Ada Lovelace")
    community.reply(topic, "And more.", by="Ada Lovelace")
    visitor.context.set_offline(False)
    expect(page.locator(".post-sending")).to_have_count(0, timeout=15_000)
    expect(pill(page)).to_contain_text("2 new posts", timeout=15_000)
    pill(page).locator("a").click()
    texts = page.locator("article [data-body]").all_inner_texts()
    assert texts[1:] == ["Said meanwhile.", "And more.", "Written in a tunnel."]
    expect(page.locator("#connection")).to_be_hidden()
    written("Written in a tunnel.")
