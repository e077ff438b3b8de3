from __future__ import annotations

from collections.abc import Iterator

import pytest

from ecrm_server.web import icons, vendor


@pytest.fixture
def strict_icons() -> Iterator[None]:
    icons.strict(True)
    yield
    icons.strict(False)


def test_an_icon_is_hidden_unless_it_says_something() -> None:
    assert 'aria-hidden="true"' in icons.icon("home")
    labelled = icons.icon("home", 16, 'Say "hello" <now>')
    assert 'role="img" aria-label="Say &#34;hello&#34; &lt;now&gt;"' in labelled
    assert 'width="16"' in labelled


def test_every_listed_icon_can_be_drawn() -> None:
    assert icons.names() == set(vendor.icon_names())
    assert all("<path" in icons.icon(name) for name in icons.names())


def test_an_unknown_icon_is_a_square_for_visitors() -> None:
    assert "<rect" in icons.icon("no-such-drawing")


@pytest.mark.usefixtures("strict_icons")
def test_an_unknown_icon_raises_in_tests() -> None:
    with pytest.raises(icons.UnknownIcon, match="no-such-drawing"):
        icons.icon("no-such-drawing")
