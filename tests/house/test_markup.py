from __future__ import annotations

import ast

import pytest

from tests.house.markup import script_faults, template_faults
from tests.house.sources import ROOT, Source, python_sources, walk

FOLDERS = ("ecrm_server", "plugins", "themes")

# Each of them returns HTML that it made or cleaned itself; everything else goes through Jinja's escaping.
MAY_DECLARE_HTML = {
    "ecrm_server/content/cooked.py",  # what people wrote, after the sanitiser
    "ecrm_server/web/folding.py",  # the same HTML with references for letters beyond ASCII
    "ecrm_server/web/fragments.py",  # likewise
    "ecrm_server/web/icons.py",  # drawings out of the vendored set
    "ecrm_server/web/i18n.py",  # the product's own words, put into templates when these are compiled
    "ecrm_server/web/slots.py",  # fragments that Jinja rendered
}


def test_templates_hold_nothing_inline() -> None:
    faults = [
        fault
        for path in walk(*FOLDERS)
        if path.suffix == ".html"
        for fault in template_faults(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
    ]
    assert not faults, "\n".join(faults)


def test_scripts_need_no_eval() -> None:
    faults = [
        fault
        for path in walk(*FOLDERS)
        if path.suffix in {".js", ".mjs"}
        for fault in script_faults(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
    ]
    assert not faults, "\n".join(faults)


def markup_calls(source: Source) -> list[int]:
    """Lines where a computed text is declared to be HTML; a literal is harmless, for `%` and join escape."""
    calls = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call)]
    return [
        call.lineno
        for call in calls
        if not all(isinstance(argument, ast.Constant) for argument in call.args)
        and _name(call.func) == "Markup"
    ]


def _name(function: ast.expr) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))


def test_only_the_named_modules_declare_a_text_to_be_html() -> None:
    faults = [
        f"{source.path}:{line}: Markup(...)"
        for source in python_sources(*FOLDERS)
        if source.path not in MAY_DECLARE_HTML
        for line in markup_calls(source)
    ]
    assert not faults, "\n".join(faults)


def test_a_declaration_is_found() -> None:
    assert markup_calls(Source("a.py", "import markupsafe\nmarkupsafe.Markup(body)")) == [2]
    assert not markup_calls(Source("a.py", "Markup('<b>%s</b>') % body"))


@pytest.mark.parametrize(
    "text",
    [
        "<script>start()</script>",
        "<script type='module'>start()</script>",
        "<style>p { color: red }</style>",
        '<p class="a" style="color: red">',
        '<p\n  onclick="go()">',
        '<a href="javascript:go()">',
        '<a hx-on:click="go()">',
        """<div hx-vals='js:{a: 1}'>""",
        """<div hx-trigger="keyup[ctrlKey]">""",
        '<script src="https://example.org/a.js"></script>',
        '<img alt="" src="//example.org/a.png">',
        "{{ body | safe }}",
        "{{ post(body|safe) }}",
        "{% autoescape false %}",
        '<p title="{{ a }}" onclick="go()">',
    ],
)
def test_a_fault_in_a_template_is_found(text: str) -> None:
    assert list(template_faults("page.html", text))


@pytest.mark.parametrize(
    "text",
    [
        '<script src="{{ asset("app.js") }}" type="module"></script>',
        '<script type="application/json" id="state">{{ state | tojson }}</script>',
        '<a href="https://example.org" rel="noopener">source</a>',
        '<div hx-get="/a" hx-trigger="load" data-style="x">{{ "a" if b > 1 else "c" }}</div>',
        "{# style= onclick= #}",
        "{{ post('<p>A sample</p>' | safe) }}",
    ],
)
def test_a_clean_template_passes(text: str) -> None:
    assert not list(template_faults("page.html", text))


@pytest.mark.parametrize("text", ["eval('1')", "new Function('a')", "e.setAttribute('style', 'x')"])
def test_a_fault_in_a_script_is_found(text: str) -> None:
    assert list(script_faults("a.js", text))
