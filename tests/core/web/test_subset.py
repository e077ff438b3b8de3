"""Tests of the stylesheet's subset."""

from __future__ import annotations

import re

import pytest

from ecrm_server.web.subset import SCRIPTED, without_comments, without_scripted
from ecrm_server.web.vendor import VENDOR


@pytest.mark.parametrize(
    "css, kept",
    [
        ("/*! who */a{b:c}", "/*! who */a{b:c}"),
        (".modal{a:b}.card{c:d}", ".card{c:d}"),
        (".modal-title,.card-title{a:b}", ".card-title{a:b}"),
        ("@media print{.toast{a:b}.p-1{c:d}}", "@media print{.p-1{c:d}}"),
        ("@media print{.toast{a:b}}.p-1{c:d}", ".p-1{c:d}"),
        (".btn:not(.navbar,.x){a:b}.modalities{c:d}", ".modalities{c:d}"),
        ("@keyframes x{0%{a:b}}", "@keyframes x{0%{a:b}}"),
        ('@charset "UTF-8";a{b:c}', '@charset "UTF-8";a{b:c}'),
    ],
)
def test_what_needs_a_script_goes_and_all_else_stays(css: str, kept: str) -> None:
    assert without_scripted(css) == kept


@pytest.mark.parametrize(
    "css, kept",
    [
        ("a{b:c}/* why */d{e:f}", "a{b:c}d{e:f}"),
        ("/*! who */a{b:c}", "/*! who */a{b:c}"),
        ("a{b:url('/*c*/')}", "a{b:url('/*c*/')}"),
        ('a::before{content:"\\"/*b*/"}/*c*/', 'a::before{content:"\\"/*b*/"}'),
        ("/* it's */a{b:c}/* theirs' */", "a{b:c}"),
    ],
)
def test_comments_go_but_not_what_looks_like_one(css: str, kept: str) -> None:
    assert without_comments(css) == kept


@pytest.mark.parametrize("direction", ["", ".rtl"])
def test_bootstrap_is_served_without_what_needs_its_script(direction: str) -> None:
    css = (VENDOR / f"bootstrap/bootstrap{direction}.min.css").read_text(encoding="utf-8")
    assert ".btn-primary{" in css
    assert "@media (min-width:768px)" in css
    assert not re.search(rf"\.({'|'.join(SCRIPTED)})[{{,: ]", css)
    assert css.count("{") == css.count("}")
