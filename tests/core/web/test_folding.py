from __future__ import annotations

import pytest
from jinja2 import DictLoader, Environment
from markupsafe import Markup

from ecrm_server.web.folding import LONGEST_LOOP, fold


def drawn(source: str, **values: object) -> tuple[str, list[str]]:
    """What a template prints, and the names that were still asked for while it was drawn."""
    asked: list[str] = []

    def late(name: str, *_: object) -> Markup:
        asked.append(name)
        return Markup("<i>") + name + Markup("</i>")

    env = Environment(autoescape=True, loader=DictLoader({"ui": "{% macro icon(n) %}own {{ n }}{% endmacro %}"}))
    env.globals["icon"] = late
    tree = fold(env.parse(source), {"icon": lambda name: Markup("<b>") + name + Markup("</b>")})
    return env.from_string(tree).render(values), asked


def test_a_call_with_constants_becomes_text() -> None:
    assert drawn("{{ icon('a & b') }}") == ("<b>a &amp; b</b>", [])


def test_a_call_with_a_variable_stays_a_call() -> None:
    assert drawn("{{ icon(name) }}", name="a<") == ("<i>a&lt;</i>", ["a<"])


def test_results_are_arguments_too() -> None:
    assert drawn("{{ icon('a' ~ 'b')|length }} {{ {'x': icon('c')}.x }}") == ("9 <b>c</b>", [])


@pytest.mark.parametrize(
    "source",
    ["{% from 'ui' import icon %}{{ icon('a') }}", "{% macro icon(n) %}own {{ n }}{% endmacro %}{{ icon('a') }}"],
)
def test_a_name_that_the_template_uses_itself_is_left_alone(source: str) -> None:
    assert drawn(source) == ("own a", [])


def test_a_loop_over_constants_is_written_out() -> None:
    source = "{% for n, m in [('a', 1), ('<', 2)] %}{% if m == x %}!{% endif %}{{ n }}{{ icon(n) }}{% endfor %}"
    assert drawn(source, x=2) == ("a<b>a</b>!&lt;<b>&lt;</b>", [])


def test_loops_inside_loops_are_written_out() -> None:
    source = "{% for a in 'xy'|list %}{% for b in [1, 2] %}{{ a }}{{ b }}{{ z }} {% endfor %}{% endfor %}"
    assert drawn(source, z=0) == ("x10 x20 y10 y20 ", [])


@pytest.mark.parametrize(
    "source, printed",
    [
        ("{% for n in ['a', 'b'] %}{{ loop.index }}{{ icon(n) }}{% endfor %}", "1<i>a</i>2<i>b</i>"),
        ("{% set ns = 1 %}{% for n in ['a'] %}{% set ns = 2 %}{{ icon(n) }}{% endfor %}{{ ns }}", "<i>a</i>1"),
        ("{% for n in ['a', 'b'] if n == 'b' %}{{ icon(n) }}{% endfor %}", "<i>b</i>"),
        ("{% for n in [] %}{% else %}none{% endfor %}", "none"),
    ],
)
def test_loops_with_a_life_of_their_own_stay_loops(source: str, printed: str) -> None:
    assert drawn(source)[0] == printed


def test_long_loops_stay_loops() -> None:
    numbers = list(range(LONGEST_LOOP + 1))
    assert drawn(f"{{% for n in {numbers} %}}{{{{ icon(n ~ '') }}}}{{% endfor %}}")[1] == [str(n) for n in numbers]
