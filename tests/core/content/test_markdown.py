from __future__ import annotations

import gc
import resource

import pytest

from ecrm_server.content.cooked import LinkPolicy
from ecrm_server.content.markdown import cook, excerpt, quote
from ecrm_server.content.pygments_css import code_css

UID = "7hT2kQ9mXw4a"


def people(*known: str):
    return lambda names: {name: f"/people/{name}" for name in names if name in known}


def test_external_links_are_marked_and_own_ones_are_not() -> None:
    cooked = cook("[a](https://a.example/) [b](/forums) www.c.example [m](mailto:x@y.example)")
    assert '<a href="https://a.example/" rel="nofollow ugc noopener">a</a>' in cooked.html
    assert '<a href="/forums">b</a>' in cooked.html
    assert '<a href="mailto:x@y.example">m</a>' in cooked.html
    assert cooked.links == ("https://a.example/", "http://www.c.example")


def test_a_licence_source_link_can_be_followed() -> None:
    assert 'rel="noopener"' in cook("<https://a.example/>", link_policy=LinkPolicy(follow=True)).html


def test_links_to_the_own_origin_become_paths() -> None:
    policy = LinkPolicy(own_origin="https://us.example")
    assert 'href="/forums/t/x"' in cook("https://us.example/forums/t/x", link_policy=policy).html
    for other in ("https://us.example.evil.example/", "https://us.example//evil.example/"):
        assert 'rel="nofollow' in cook(f"<{other}>", link_policy=policy).html


def test_a_picture_of_another_host_becomes_a_labelled_link() -> None:
    cooked = cook("![A bike](https://h.example/a.png) ![](https://h.example/b.png)")
    assert "<img" not in cooked.html
    assert ">Picture: A bike</a>" in cooked.html
    assert ">Picture: h.example</a>" in cooked.html
    assert cooked.images == ()


def test_an_own_picture_is_shown_lazily_with_its_size() -> None:
    cooked = cook("![A bike|640x480](/files/ab/c.webp)")
    assert '<img src="/files/ab/c.webp" alt="A bike" width="640" height="480" loading="lazy">' in cooked.html
    assert cooked.images == ("/files/ab/c.webp",)
    assert cooked.text == "A bike"


def test_a_linked_foreign_picture_keeps_both_addresses() -> None:
    same = cook("[![x](https://h.example/a.png)](https://h.example/a.png)")
    assert same.html.count("<a ") == 1
    other = cook("[![x](https://h.example/a.png)](https://o.example/)")
    assert other.links == ("https://o.example/", "https://h.example/a.png")
    assert other.html.count("<a ") == 2


@pytest.mark.parametrize(
    "source,levels",
    [("# a\n## b", ["h3", "h4"]), ("## a", ["h3"]), ("#### a", ["h4"]), ("# a\n###### b", ["h3", "h6"])],
)
def test_headings_start_at_the_third_level(source: str, levels: list[str]) -> None:
    html = cook(source).html
    assert [level for level in ("h1", "h2", "h3", "h4", "h5", "h6") if f"<{level}>" in html] == levels


@pytest.mark.parametrize(
    "source,found",
    [
        ("@ada", ("ada",)),
        ("(@ada), @bob.smith. and @ada again", ("ada", "bob.smith")),
        ("**@ada**: hello", ("ada",)),
        ("@Ünal @李雷 @a_b-c", ("Ünal", "李雷", "a_b-c")),
        ("mail a@b.example and x@y, https://h.example/@z, foo/@bar", ()),
        ("`@ada` and\n\n    @bob\n\n```\n@carl\n```", ()),
        ("<kbd>@ada</kbd> [@bob](/x)", ()),
        ("> @ada said it", ()),
        ("@@ada @ ada @", ()),
    ],
)
def test_mentions_are_names_in_running_text(source: str, found: tuple[str, ...]) -> None:
    assert cook(source).mentions == found


def test_known_names_are_linked_and_unknown_ones_stay_text() -> None:
    html = cook("@ada, @nobody", mentions=people("ada")).html
    assert html == '<p><a class="mention" href="/people/ada">@ada</a>, @nobody</p>\n'


def test_names_in_quotes_are_linked_but_nobody_is_called() -> None:
    cooked = cook("> hello @ada", mentions=people("ada"))
    assert 'href="/people/ada"' in cooked.html
    assert cooked.mentions == ()


def test_a_quote_remembers_its_post() -> None:
    source = quote("Ada *L*", f"/forums/p/{UID}", "Two\n\nlines @bob")
    cooked = cook(f"{source}I agree.")
    assert cooked.quotes == (UID,)
    assert '<blockquote class="quote">' in cooked.html
    assert cooked.text == "@Ada *L* wrote:\nTwo\nlines @bob\nI agree."
    assert cook(f"> see [this](/forums/p/{UID})").quotes == ()


def test_code_is_coloured_by_classes() -> None:
    html = cook("```python\nif a < b: pass\n```").html
    assert '<pre class="code" tabindex="0"><code class="language-python">' in html
    assert '<span class="tok-k">if</span>' in html
    assert "&lt;" in html
    assert "style=" not in html


def test_an_unknown_language_keeps_its_name_and_no_colours() -> None:
    assert 'class="language-klingon">a &lt; b\n</code>' in cook("```klingon\na < b\n```").html


def test_every_token_class_has_a_light_and_a_dark_colour() -> None:
    css = code_css()
    assert ".tok-k," in css or ".tok-k " in css
    assert '[data-bs-theme="dark"] .tok-k' in css
    assert "prefers-color-scheme: dark" in css


def test_tables_scroll_and_keep_their_alignment() -> None:
    cooked = cook("| a | b |\n|---|--:|\n| 1 | 2 |")
    assert cooked.html.startswith('<div class="table-scroll" tabindex="0"><table>')
    assert '<td align="right">2</td>' in cooked.html
    assert cooked.text == "a b\n1 2"


def test_task_lists_need_no_form_fields() -> None:
    assert cook("- [ ] a\n- [x] b").text == "☐ a\n☑ b"


def test_line_breaks_are_kept_and_two_tildes_strike() -> None:
    html = cook("a\nb ~c~ ~~d~~").html
    assert "a<br>\nb ~c~ <del>d</del>" in html


def test_raw_html_can_be_shown_as_text() -> None:
    cooked = cook("a <b>x</b> `<i>` *em* <https://h.example/>", raw_html=False)
    assert "a &lt;b&gt;x&lt;/b&gt; <code>&lt;i&gt;</code> <em>em</em> <a href=" in cooked.html
    assert cook("<div>\nx\n</div>", raw_html=False).text == "<div>\nx\n</div>"


def test_control_characters_and_halves_of_surrogates_disappear() -> None:
    assert cook("a\x00b\x1bc\ud800d &#1;e").text == "abcd e"


def test_rendering_gives_its_memory_back() -> None:
    source = "hello *world* [x](/y)\n\n" * 300
    for _ in range(50):
        cook(source)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(200):
        cook(source)
    assert (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000
    )  # kB; the tree alone is 300 each


@pytest.mark.parametrize(
    "text,length,expected",
    [
        ("short", 10, "short"),
        ("one two\nthree four", 13, "one two…"),
        ("one two three", 8, "one two…"),
        ("猫" * 30, 10, "猫" * 9 + "…"),
    ],
)
def test_an_excerpt_is_cut_between_words(text: str, length: int, expected: str) -> None:
    assert excerpt(text, length) == expected
    assert len(excerpt(text, length)) <= length
