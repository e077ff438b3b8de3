from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecrm_server.content.names import MAX_SLUG, email_key, name_key, slugify


@pytest.mark.parametrize(
    "one,other",
    [
        ("Ada", "ada"),
        (" Ada\u00a0 L ", "ada l"),
        ("ＡＤＡ", "ada"),
        ("Straße", "STRASSE"),
        ("a\u200bda", "ada"),
        ("ﬁn", "fin"),
    ],
)
def test_names_that_look_the_same_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


def test_the_turkish_dotted_i_is_not_an_i() -> None:
    assert len({name_key("mıke"), name_key("mİke"), name_key("mike")}) == 3


@given(st.text())
def test_a_key_is_its_own_key(text: str) -> None:
    assert name_key(name_key(text)) == name_key(text)


def test_email_addresses_are_compared_by_their_key() -> None:
    assert email_key(" Ada@Example.ORG ") == email_key("ada＠example.org") == "ada@example.org"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@x.example",
        "a@",
        "a@b@c.example",
        "a b@c.example",
        "a@c.example,b@c.example",
        "a@.x",
        "a\n@b.c",
    ],
)
def test_what_is_no_single_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"name@example\.org"):
        email_key(text)


@pytest.mark.parametrize(
    "title,slug",
    [
        ("How do I fix a flat tire?", "how-do-i-fix-a-flat-tire"),
        ("Größe & Überblick", "größe-überblick"),
        ("自行车 维修", "自行车-维修"),
        ("../../etc/passwd", "etc-passwd"),
        ("snake_case -- title_", "snake-case-title"),
        ("???", "topic"),
        ("", "topic"),
    ],
)
def test_slugs_stay_readable(title: str, slug: str) -> None:
    assert slugify(title) == slug


@given(st.text(max_size=300))
def test_slugs_fit_into_an_address(title: str) -> None:
    slug = slugify(title)
    assert 0 < len(slug) <= MAX_SLUG
    assert not set(slug) & set("/\\?#%&<>\"' ._")
    assert slug == slug.strip("-")
    assert slugify(slug) == slug
