"""Writing with help: drafts, preview, names, pictures, quotes, tags, the keyboard."""

from __future__ import annotations

import base64
import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from ecrm_server.data import Prepared
from tests.system.browser import DESKTOP
from tests.system.forums.conftest import Community, Visit
from tests.system.forums.steps import field as composer
from tests.system.forums.steps import post, write

pytestmark = pytest.mark.browser


def picture() -> str:
    """A small PNG in base64."""
    written = io.BytesIO()
    Image.new("RGB", (10, 10), "teal").save(written, "PNG")
    return base64.b64encode(written.getvalue()).decode()


def test_a_draft_survives_a_reload_until_it_is_discarded(community: Community, visit: Visit) -> None:
    topic = community.topic("Drafts")
    page = visit("Ben Okri", topic.url).page
    write(page, "Half a thought")
    expect(page.locator("[data-draft-state]")).to_have_text("Draft saved", timeout=5000)
    page.reload()
    expect(page.locator("[data-draft-note]")).to_be_visible()
    expect(page.locator("[data-markdown]")).to_have_value("Half a thought")
    other = visit("Ben Okri", topic.url, viewport=DESKTOP).page
    expect(other.locator("[data-markdown]")).to_have_value("Half a thought")
    page.locator("[data-draft-discard]").click()
    expect(page.locator("[data-markdown]")).to_have_value("")
    page.wait_for_timeout(200)
    page.reload()
    expect(page.locator("[data-markdown]")).to_have_value("")


def test_the_preview_is_drawn_by_the_servers_renderer(community: Community, visit: Visit) -> None:
    page = visit("Ben Okri", community.topic("Preview").url).page
    write(page, "A **bold** `word`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<script>no()</script>")
    preview = page.locator("[data-preview]")
    expect(preview.locator("strong")).to_have_text("bold")
    expect(preview.locator("td")).to_have_count(2)
    expect(preview.locator("script")).to_have_count(0)


def test_people_are_offered_after_an_at_sign(community: Community, visit: Visit) -> None:
    handle = Prepared("SELECT handle FROM profile WHERE name = ?").value("Ada Lovelace")
    page = visit("Ben Okri", community.topic("Mentions").url).page
    field = composer(page)
    field.press_sequentially("Ask @ada")
    choices = page.get_by_role("listbox", name="People")
    expect(choices.get_by_role("option").first).to_contain_text("Ada Lovelace")
    assert field.get_attribute("aria-activedescendant")
    field.press("Enter")
    expect(field).to_have_value(f"Ask @{handle} ")
    expect(choices).to_be_hidden()


def test_a_pasted_picture_is_uploaded_and_shown(community: Community, visit: Visit) -> None:
    page = visit("Ben Okri", community.topic("Pictures").url).page
    field = composer(page)
    field.click()
    page.evaluate(
        """([data]) => {
          const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], "wheel.png", { type: "image/png" }));
          const paste = { clipboardData: transfer, bubbles: true, cancelable: true };
          document.activeElement.dispatchEvent(new ClipboardEvent("paste", paste));
        }""",
        [picture()],
    )
    expect(field).to_have_value(re.compile(r"^!\[wheel\|10x10\]\(/\S+\)\n$"))
    post(page)
    shown = page.locator(".thread-item").last.locator("[data-body] img")
    expect(shown).to_have_count(1)
    page.wait_for_function(
        "document.querySelector('.thread-item:last-of-type [data-body] img').naturalWidth > 0"
    )


def test_selected_words_of_an_imported_post_are_quoted_with_their_source(
    community: Community, visit: Visit
) -> None:
    topic = community.topic("Quotes", text="Toe them in by half a millimetre, then clean the rims.")
    imported = Prepared(
        "UPDATE forums_post SET source_name = 'bicycles.example', source_url = 'https://bicycles.example/q/1',"
        " author_url = 'https://bicycles.example/u/1', licence = 'CC BY-SA 4.0', version = version + 1"
        " WHERE topic_id = ?"
    )
    imported.run(topic.id)
    page = visit("Ben Okri", topic.url).page
    expect(page.locator(".post-source")).to_contain_text("CC BY-SA 4.0")
    page.evaluate(
        """() => {
          const text = document.querySelector("[data-body] p").firstChild, range = document.createRange();
          range.setStart(text, 0);
          range.setEnd(text, 32);
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }"""
    )
    page.locator(".quote-button").click()
    field = composer(page)
    expect(field).to_have_value(re.compile("half a millimetre"))
    quoted = field.input_value()
    assert "clean the rims" not in quoted
    assert "https://bicycles.example/q/1" in quoted
    assert "CC BY-SA 4.0" in quoted
    expect(field).to_be_focused()


def test_a_new_topic_with_similar_ones_tags_and_mended_errors(community: Community, visit: Visit) -> None:
    community.topic("Derailleur rubs in two gears")
    page = visit("Ben Okri", "/forums/new", expected="/forums/new").page
    page.locator("[name=title]").press_sequentially("Derailleur rubs again")
    expect(page.locator("#similar")).to_contain_text("Derailleur rubs in two gears")
    page.locator("[name=category]").select_option(label="Workshop")
    tags = page.get_by_role("combobox", name="Tags")
    tags.press_sequentially("bra")
    expect(page.get_by_role("option", name="brakes")).to_be_visible()
    tags.press("Enter")
    tags.press_sequentially("gears,")
    expect(page.locator(".tag-chips .tag")).to_have_text(["brakes", "gears"])
    write(page, "Where do I begin?")
    page.locator("[name=title]").fill("Hm")
    page.locator("[data-submit]").click()
    expect(page.locator("#f-title-error")).to_be_visible()
    expect(page.locator("[data-markdown]")).to_have_value("Where do I begin?")
    expect(page.locator(".tag-chips .tag")).to_have_text(["brakes", "gears"])
    page.locator("[name=title]").fill("Derailleur rubs again")
    page.locator("[data-submit]").click()
    expect(page.locator("h1")).to_have_text("Derailleur rubs again")
    expect(page.locator(".topic-context .tag")).to_have_text(["brakes", "gears"])
    page.goto(f"{community.base}/forums/new")
    expect(page.locator("[data-markdown]")).to_have_value("")


def test_a_topic_is_read_and_answered_by_keyboard(community: Community, visit: Visit) -> None:
    topic = community.topic("Keys", "One", "Two")
    page = visit("Ada Lovelace", topic.url).page
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent.includes('One')")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent.includes('squeal')")
    page.keyboard.press("r")
    expect(page.locator("[data-markdown]")).to_be_focused()
    page.keyboard.type("By keyboard")
    page.keyboard.press("Escape")
    expect(page.locator("[data-markdown]")).not_to_be_focused()
    expect(page.locator("[data-markdown]")).to_have_value("By keyboard")
    page.keyboard.press("r")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".thread-item").last).to_contain_text("By keyboard")
    expect(page.locator(".post-sending")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_contain_text("Next post")
