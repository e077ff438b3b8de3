from __future__ import annotations

from urllib.parse import unquote

import pytest
from lxml import etree

from ecrm_server.content.html import sanitize, to_markdown
from ecrm_server.content.markdown import cook
from ecrm_server.content.to_markdown import write_markdown
from tests.core.content.dom import faults, shared_data

SITE = "https://bicycles.meta.stackexchange.com/"
POSTS = shared_data() / "community" / "bicycles-meta.stackexchange" / "Posts.xml"


@pytest.fixture(scope="module")
def bodies() -> list[str]:
    if not POSTS.exists():
        pytest.skip(f"The community data is not there ({POSTS}); name its folder in ECRM_SHARED_DATA.")
    return [row.get("Body") or "" for _, row in etree.iterparse(POSTS, tag="row")]


def test_relative_links_point_to_the_source_and_internal_ones_are_rewritten() -> None:
    def rewrite(address: str) -> str | None:
        return "/forums/t/abc" if address == f"{SITE}questions/7/x" else None

    cooked = sanitize('<a href="/questions/7/x">a</a> <a href="/tags">b</a>', base_url=SITE, rewrite=rewrite)
    assert '<a href="/forums/t/abc">a</a>' in cooked.html
    assert f'<a href="{SITE}tags" rel="nofollow ugc noopener">b</a>' in cooked.html
    assert cooked.links == (f"{SITE}tags",)


def test_a_rewritten_link_is_judged_again() -> None:
    assert "href" not in sanitize('<a href="https://x.example/">a</a>', rewrite=lambda _: "javascript:x").html


def test_spoilers_fold_and_code_keeps_its_language() -> None:
    cooked = sanitize(
        '<blockquote class="spoiler"><p>x</p></blockquote><pre class="lang-py"><code>a</code></pre>'
    )
    assert "<details><summary>Spoiler</summary><p>x</p></details>" in cooked.html
    assert '<code class="language-py">' in cooked.html


def test_table_styles_become_alignment() -> None:
    html = sanitize('<table><tr><td style="text-align: right; color: red">1</td></tr></table>').html
    assert '<td align="right">1</td>' in html


def test_text_outside_allowed_elements_keeps_its_blocks() -> None:
    assert sanitize("<section><div>a</div><div>b</div></section><style>x</style>").text == "a\nb"


@pytest.mark.parametrize(
    "html,markdown",
    [
        ("<h2>A</h2><p>b <em>c</em> <strong>d</strong></p>", "### A\n\nb _c_ **d**"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n\n  - b\n- c"),
        ('<ol start="3"><li><p>a</p></li><li><p>b</p></li></ol>', "3. a\n\n4. b"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
        ("<pre><code>x\n```\ny\n</code></pre>", "````\nx\n```\ny\n````"),
        ('<p><a href="https://x.example/a(b)" title="t">x</a></p>', '[x](<https://x.example/a(b)> "t")'),
        ('<p><img src="https://x.example/a.png" alt="A"></p>', "![A](https://x.example/a.png)"),
        ("<p>a<br>b</p><hr><p>c</p>", "a\nb\n\n---\n\nc"),
        ("<p>Press <kbd>Ctrl</kbd></p>", "Press <kbd>Ctrl</kbd>"),
        (
            "<p>1. not *a* _list_ # [x] http://x.example</p>",
            "1\\. not \\*a\\* \\_list\\_ # \\[x\\] http\\://x.example",
        ),
        ("<p>- a</p><p># b</p><p>+1</p>", "\\- a\n\n\\# b\n\n\\+1"),
        ("<p>un<strong>believ</strong>able</p>", "un**believ**able"),
        ("<p>a<em>.b.</em>c</p>", "a<em>.b.</em>c"),
        (
            "<table><thead><tr><th>a</th><th align='right'>b</th></tr></thead><tr><td>1|2</td><td>3</td></tr></table>",
            "| a | b |\n| --- | ---: |\n| 1\\|2 | 3 |",
        ),
    ],
)
def test_html_is_written_as_markdown_that_people_would_write(html: str, markdown: str) -> None:
    safe = sanitize(html)
    assert to_markdown(safe.html) == f"{markdown}\n"
    assert cook(markdown).text == safe.text


def test_a_table_without_a_header_stays_html() -> None:
    safe = sanitize("<table><tr><td>a</td></tr>\n\n<tr><td><pre>x\n\ny</pre></td></tr></table>")
    assert to_markdown(safe.html).startswith("<table>")
    assert cook(to_markdown(safe.html)).text == safe.text


def test_every_picture_of_the_real_community_becomes_a_labelled_link(bodies: list[str]) -> None:
    cooked = [sanitize(body, base_url=SITE).html for body in bodies]
    assert not any("<img" in html for html in cooked)
    assert sum(html.count('class="picture-link"') for html in cooked) == 246
    assert sum('class="picture-link"' in html for html in cooked) == 136


def test_every_real_body_is_safe_and_stays_the_same_when_sanitised_again(bodies: list[str]) -> None:
    for body in bodies:
        cooked = sanitize(body, base_url=SITE)
        assert faults(cooked.html) == []
        assert sanitize(cooked.html) == cooked


def test_every_real_body_keeps_its_words_through_markdown(bodies: list[str]) -> None:
    for body in bodies:
        safe = sanitize(body, base_url=SITE)
        again = cook(write_markdown(safe.html))
        assert again.text == safe.text
        assert [*map(unquote, again.links)] == [*map(unquote, safe.links)]  # cmark escapes more characters
        assert again.html.count('class="picture-link"') == safe.html.count('class="picture-link"')
