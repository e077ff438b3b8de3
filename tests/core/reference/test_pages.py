from __future__ import annotations

from typing import Any

import pytest

from ecrm_server.reference import guides
from ecrm_server.reference.document import show
from ecrm_server.reference.pages import MAKERS


@pytest.mark.parametrize("name", list(MAKERS))
def test_everybody_reads_the_reference(site: Any, visitor: Any, name: str) -> None:
    answer = visitor.get(f"/docs/{name}")
    assert answer.status_code == 200
    assert '<article class="prose docs">' in answer.text


def test_the_index_leads_to_every_page_and_guide(site: Any, visitor: Any) -> None:
    text = visitor.get("/docs").text
    for name in MAKERS:
        assert f'href="/docs/{name}"' in text
    assert guides.guides(), "the checkout has guides"
    for guide in guides.guides():
        assert f'href="{guide.url}"' in text
        assert visitor.get(guide.url).status_code == 200


def test_unknown_pages_are_not_found(site: Any, visitor: Any) -> None:
    for path in ("/docs/nothing", "/docs/guides/nothing", "/docs/guides/../pyproject", "/docs/guides/%2e%2e/README"):
        assert visitor.get(path).status_code == 404


def test_the_components_page_is_shown(site: Any, visitor: Any) -> None:
    assert 'id="colours"' in visitor.get("/docs/components").text


def test_a_hook_is_shown_with_signature_kind_example_and_users(site: Any, visitor: Any) -> None:
    text = visitor.get("/docs/hooks").text
    assert 'id="erase-account"' in text
    assert "Run time, strict." in text
    assert 'href="#erase-account"' in text
    assert "language-python" in text
    assert "tok-" in text, "code is coloured"


def test_headings_get_anchors_of_their_own() -> None:
    shown = show("## A\n\n### A\n\n## `b.c`\n\nOne\nline.\n")
    assert [(entry.level, entry.anchor) for entry in shown.contents] == [(2, "a"), (3, "a-2"), (2, "b-c")]
    assert "<br>" not in shown.html


def test_markup_in_documentation_is_text() -> None:
    assert "<script" not in show("## <script>alert(1)</script>\n\n<b onclick=x>y</b>").html
