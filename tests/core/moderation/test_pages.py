from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server.access import Actor
from ecrm_server.identity.testing import actor_of
from ecrm_server.moderation import services

Person = Callable[..., Actor]


@pytest.fixture
def queued(wall: Any, person: Person) -> str:
    """An item about Ada's note that Bob flagged."""
    wall.write(person("Ada"), "n1")
    services.flag(person("Bob"), "wall.note", "n1", "spam", "an advert")
    return str(services.queue()[0][0]["uid"])


def test_the_queue_and_its_items_are_for_moderators(queued: str, sign_in: Any, visitor: Any) -> None:
    member, moderator = sign_in("Cleo"), sign_in("Mo", "moderator")
    for path in ("/moderation", "/moderation/count", f"/moderation/{queued}"):
        assert visitor.get(path).status_code == 302, path
        assert member.get(path).status_code == 403, path
        assert moderator.get(path).status_code == 200, path
    assert "Note n1" in moderator.get("/moderation").text
    page = moderator.get(f"/moderation/{queued}").text
    assert "an advert" in page
    assert "<em>drawn</em>" in page
    assert "Some words" in moderator.get("/moderation").text
    assert '<option value="" selected>Choose a rule</option>' in page, "no rule is chosen for the moderator"
    assert moderator.get("/moderation/count").json["count"] == 1
    assert '<span class="sidebar-badge">1</span>' in page
    assert "sidebar-badge" not in member.get("/me").text


def test_a_moderator_decides_with_the_form(queued: str, wall: Any, sign_in: Any) -> None:
    moderator = sign_in("Mo", "moderator")
    path = f"/moderation/{queued}/decide"
    refused = moderator.post(path, {"decision": "hide", "reason": "", "statement": "An advert."})
    assert refused.status_code == 422
    assert "An advert." in refused.text
    assert wall.state("n1") == "shown"
    assert (
        moderator.post(path, {"decision": "hide", "reason": "spam", "statement": "An advert."}).status_code
        == 302
    )
    assert wall.state("n1") == "hidden"
    assert "Nothing waits" in moderator.get("/moderation").text
    assert "Note n1" in moderator.get("/moderation?state=decided").text
    assert "sidebar-badge" not in moderator.get("/moderation").text
    other = sign_in("Mia", "moderator")
    assert "/undo" not in other.get(f"/moderation?decided={queued}").text
    assert f"/moderation/{queued}/undo" in moderator.get(f"/moderation?decided={queued}").text
    assert moderator.post(f"/moderation/{queued}/undo").status_code == 303
    assert wall.state("n1") == "shown"
    assert '<span class="sidebar-badge">1</span>' in moderator.get("/moderation").text


def test_a_member_flags_with_the_page_and_with_the_dialog(wall: Any, person: Person, sign_in: Any) -> None:
    wall.write(person("Ada"), "n1")
    member = sign_in("Cleo")
    assert "<html" in member.get("/flag/wall.note/n1").text
    dialog = member.get("/flag/wall.note/n1", headers={"HX-Request": "true"}).text
    assert "<html" not in dialog
    for part in ('id="flag-title"', "Cancel", "Note n1", "by Ada", "Some words"):
        assert part in dialog
    assert member.post("/flag/wall.note/n1", {"text": "x"}).status_code == 422
    assert services.open_count() == 0
    answer = member.post("/flag/wall.note/n1", {"reason": "spam", "text": "x"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/wall/n1")
    assert services.open_count() == 1
    assert member.get("/flag/wall.note/private1").status_code == 404
    assert member.post("/flag/wall.note/private1", {"reason": "spam"}).status_code == 404


def test_an_author_reads_the_statement_and_appeals(wall: Any, person: Person, sign_in: Any) -> None:
    author, other, mo = sign_in("Ada"), sign_in("Cleo"), person("Mo", "moderator")
    wall.write(actor_of(author.account), "n1")
    services.flag(person("Bob"), "wall.note", "n1", "spam")
    decision = services.decide(
        mo, services.queue()[0][0]["uid"], "hide", reason="spam", statement="It sells shoes."
    )
    path = f"/me/decisions/{decision}"
    page = author.get(path).text
    for words in ("It sells shoes.", "Advertising or spam", "no automatic means", "You can appeal until"):
        assert words in page
    assert path in author.get("/me/decisions").text
    assert other.get(path).status_code == 404
    assert other.post(f"{path}/appeal", {"text": "Mine"}).status_code == 404
    assert author.post(f"{path}/appeal", {"text": ""}).status_code == 422
    assert author.post(f"{path}/appeal", {"text": "My own shoes."}).status_code == 302
    item = services.queue()[0][0]["uid"]
    moderator = sign_in("Mia", "moderator")
    assert "My own shoes." in moderator.get(f"/moderation/{item}").text
    answer = {"decision": "overturn", "answer": "You are right."}
    assert moderator.post(f"/moderation/{item}/answer", answer).status_code == 302
    assert wall.state("n1") == "shown"
    assert "You are right." in author.get(path).text


def test_a_suspended_person_is_signed_out_at_once(wall: Any, sign_in: Any) -> None:
    member, moderator = sign_in("Cleo"), sign_in("Mo", "moderator")
    path = f"/moderation/people/{member.account.profile_uid}"
    assert member.get("/me/decisions").status_code == 200
    form = {"measure": "suspend", "days": "3", "reason": "abuse", "statement": "Insults."}
    assert member.post(path, form).status_code == 403
    assert moderator.post(path, form).status_code == 302
    assert member.get("/me/decisions").status_code == 302
    assert "Suspended until" in moderator.get(path).text
    assert moderator.post(path, {"measure": "lift", "days": "1"}).status_code == 302
    assert actor_of(member.account).is_authenticated


def test_moderators_see_nothing_of_places_that_are_closed_to_them(wall: Any, person: Person, sign_in: Any) -> None:
    from ecrm_server.kernel import current

    wall.write(person("Ada"), "n1")
    services.flag(person("Bob"), "wall.note", "n1", "spam")
    uid = services.queue()[0][0]["uid"]
    kinds = current.generation().registry.moderated_kinds
    kinds["wall.note"] = dataclasses.replace(kinds["wall.note"], may_review=lambda actor, uid: False)
    moderator = sign_in("Mo", "moderator")
    assert "Note n1" not in moderator.get("/moderation").text
    assert moderator.get("/moderation/count").json["count"] == 0
    assert moderator.get(f"/moderation/{uid}").status_code == 404
    answer = moderator.post(f"/moderation/{uid}/decide", {"decision": "hide", "reason": "spam"})
    assert (answer.status_code, wall.state("n1")) == (404, "shown")
