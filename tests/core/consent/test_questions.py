"""A profile grows by small questions, each with its reason; a "not now" is kept."""

from __future__ import annotations

from typing import Any

import pytest

from ecrm_server import clock
from ecrm_server.consent import questions, services
from ecrm_server.errors import Refusal
from ecrm_server.identity.models import Account


def asked(account: Any) -> list[str]:
    return [question.key for question in questions.open_ones(account.id)]


def test_one_or_two_are_asked_with_the_reason(both_engines: str, sign_in: Any) -> None:
    ada = sign_in("Ada")
    assert asked(ada.account) == ["consent.timezone", "news"]
    page = ada.get("/me").text
    assert "Which time zone are you in?" in page
    assert "Times on pages and in mails are then those of your clock." in page


def test_an_answer_is_stored_and_not_asked_for_again(both_engines: str, sign_in: Any) -> None:
    ada = sign_in("Ada")
    ada.post("/me/questions", {"question": "consent.timezone", "answer": "Europe/Berlin"})
    assert Account.get_by_id(ada.account.id).timezone == "Europe/Berlin"
    assert asked(ada.account) == ["news"]
    ada.post("/me/questions", {"question": "news", "answer": "yes"})
    assert services.allowed(ada.account.id, "news")
    assert asked(ada.account) == []
    assert "May we ask?" not in ada.get("/me").text


def test_a_no_is_an_answer(both_engines: str, sign_in: Any) -> None:
    ada = sign_in("Ada")
    ada.post("/me/questions", {"question": "news", "answer": "no"})
    assert not services.allowed(ada.account.id, "news")
    assert "news" not in asked(ada.account)


def test_not_now_is_remembered_for_three_months(both_engines: str, sign_in: Any, movable_clock: Any) -> None:
    ada = sign_in("Ada")
    ada.post("/me/questions", {"question": "consent.timezone", "later": "1"})
    assert asked(ada.account) == ["news"]
    movable_clock.advance(questions.LATER)
    assert asked(ada.account) == ["consent.timezone", "news"]
    assert clock.now() == movable_clock.ms


@pytest.mark.parametrize(
    "form", [{"question": "consent.timezone", "answer": "Mars/Olympus"}, {"question": "x.y"}]
)
def test_what_does_not_fit_is_refused(both_engines: str, sign_in: Any, form: dict[str, str]) -> None:
    assert sign_in("Ada").post("/me/questions", form).status_code == 422


def test_an_empty_answer_is_refused(both_engines: str, sign_in: Any) -> None:
    with pytest.raises(Refusal):
        questions.answer(None, "consent.timezone", "")  # type: ignore[arg-type]
