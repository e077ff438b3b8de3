"""The frame, the component macros and the error pages, rendered as the server renders them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from flask import Flask
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ecrm_server.access.actor import ANONYMOUS, Actor
from ecrm_server.web import icons
from ecrm_server.web.assets import Assets
from tests.core.web.frame_app import MEMBER, TEMPLATES, make_app, render

PAGES = ["components.html", *[f"errors/{code}.html" for code in (400, 403, 404, 405, 413, 429, 500, 503)]]
VOID = {"meta", "link", "input", "img", "br", "hr", "path", "rect", "polygon", "polyline", "circle"}


class Page(HTMLParser):
    """Collects elements and checks that they are nested rightly."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == [], "elements left open"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def values(self, name: str) -> list[str]:
        return [attributes[name] or "" for _, attributes in self.elements if name in attributes]


@pytest.fixture
def app() -> Iterator[Flask]:
    app = make_app()
    icons.strict(True)
    with app.test_request_context("/"):
        yield app
    icons.strict(False)


@pytest.mark.parametrize("template", PAGES)
@pytest.mark.parametrize("actor", [ANONYMOUS, MEMBER], ids=["visitor", "member"])
def test_pages_keep_the_strict_policy_and_are_well_formed(app: Flask, template: str, actor: Actor) -> None:
    page = Page(render(app, template, actor))
    ids = page.values("id")
    assert sorted(ids) == sorted(set(ids))
    assert page.values("style") == []
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert all("src" in attributes for tag, attributes in page.elements if tag == "script")
    assert not any(tag == "style" for tag, _ in page.elements)
    links = page.values("src") + [attrs["href"] or "" for tag, attrs in page.elements if tag == "link"]
    assert all(link.startswith("/static/") for link in links)


def test_what_describes_or_controls_something_points_at_it(app: Flask) -> None:
    page = Page(render(app, "components.html", MEMBER))
    ids = set(page.values("id"))
    for name in ("aria-describedby", "aria-labelledby", "for", "popovertarget", "data-dialog"):
        targets = [target for value in page.values(name) for target in value.split()]
        assert set(targets) <= ids, name
        assert targets


def test_a_visitors_page_holds_nothing_personal(app: Flask) -> None:
    text = render(app, "errors/404.html")
    assert "csrf" not in text
    assert "token-of-this-person" not in text
    assert "data-actor" not in text
    assert "data-theme=" not in text


def test_a_members_page_carries_token_theme_and_notices(app: Flask) -> None:
    text = render(app, "errors/404.html", MEMBER)
    assert '<meta name="csrf-token" content="token-of-this-person">' in text
    assert f'<body data-actor="{MEMBER.uid}">' in text
    assert 'data-theme="dark" data-density="compact">' in text
    assert 'aria-label="3 unread notices"' in text


def test_this_browsers_choice_stands_before_the_accounts(app: Flask) -> None:
    with app.test_request_context("/", headers={"Cookie": "ecrm-theme=light; ecrm-density=comfortable"}):
        text = render(app, "errors/404.html", MEMBER)
    assert 'data-theme="light"' in text
    assert 'data-density="' not in text


def test_right_to_left_pages_load_the_mirrored_grid(app: Flask) -> None:
    text = render(app, "errors/404.html", direction="rtl")
    assert '<html lang="ar" dir="rtl">' in text
    assert "bootstrap.rtl.min.css" in text


def test_the_sites_colour_and_modules_are_loaded(app: Flask) -> None:
    site = {"name": "x", "accent": "#FF8800", "theme": "default", "modules": [("", "js/times.js")]}
    text = render(app, "errors/404.html", site=site)
    assert 'href="/static/a/ff8800.css"' in text
    assert re.search(r'<script type="module" src="/static/[0-9a-f]{8}/js/times\.js">', text)


def test_a_field_wires_label_help_and_error(app: Flask) -> None:
    macro = app.jinja_env.get_template("ui.html").module.field
    text = macro(
        "mail", "E-mail", "email", 'a"b', help="Why", errors=["Wrong."], required=True, autocomplete="email"
    )
    assert '<label class="field-label" for="f-mail">E-mail</label>' in text
    assert 'value="a&#34;b" id="f-mail" name="mail" required autocomplete="email"' in text
    assert 'aria-describedby="f-mail-help f-mail-error" aria-invalid="true"' in text
    assert '<p class="field-help" id="f-mail-help">Why</p>' in text


@pytest.mark.parametrize("kind", ["text", "textarea", "select", "checkbox", "radio"])
def test_a_fields_text_is_never_markup(app: Flask, kind: str) -> None:
    attack = '"><script>alert(1)</script>'
    macro = app.jinja_env.get_template("ui.html").module.field
    text = macro(
        "x",
        attack,
        kind,
        attack,
        help=attack,
        errors=[attack],
        options=[(attack, attack)],
        placeholder=attack,
    )
    assert "<script>" not in text


def test_attributes_are_escaped_and_may_be_bare(app: Flask) -> None:
    button = app.jinja_env.get_template("ui.html").module.button
    text = button("Save", attrs={"hx-post": '/x?"', "data-on": True, "data-off": False, "data-none": None})
    assert 'hx-post="/x?&#34;" data-on>' in text
    assert "data-off" not in text
    assert "data-none" not in text


def test_the_servers_own_reason_is_shown_and_a_stock_phrase_is_not(app: Flask) -> None:
    stock = render(
        app, "errors/404.html", title="Not Found", message="The requested URL was not found", status=404
    )
    assert "requested URL" not in stock
    own = render(
        app, "errors/400.html", title="Refusal", message="The topic is closed.", status=422, incident=None
    )
    assert "The topic is closed." in own
    assert "Error 422" in own


@pytest.mark.parametrize("code", [500, 503])
def test_the_worst_pages_need_no_context(code: int) -> None:
    bare = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True)
    text = bare.get_template(f"errors/{code}.html").render()
    assert f"Error {code}" in text
    for path in re.findall(r'"/static/([^"]+)"', text):
        assert Assets().response(path).status_code == 200


def test_templates_use_no_htmx_feature_that_needs_eval() -> None:
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"hx-on|[\"']js:|hx-trigger=\"[^\"]*\[", text), path
