from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.customers.timeline import collect
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Conflict, Forbidden, NotFound, Refusal
from ecrm_server.identity import sessions
from ecrm_server.identity.testing import actor_of, make_account, session_key
from ecrm_server.kernel import current
from ecrm_server.moderation import appeals, decisions, personal, services

Person = Callable[..., Actor]


def notices(actor: Actor) -> list[tuple[str, str, str]]:
    rows = Prepared("SELECT title, url, excerpt FROM notice WHERE account_id = ? ORDER BY id").rows(
        actor.account_id
    )
    return [(row["title"], row["url"], row["excerpt"]) for row in rows]


def hold(wall: Any, author: Actor, uid: str = "n1", why: str = "first_post") -> str:
    wall.write(author, uid, "held")
    with transaction():
        return services.hold("wall.note", uid, why, author_profile_id=author.profile_id)


@pytest.fixture
def hidden(wall: Any, person: Person) -> tuple[Actor, Actor, str]:
    """Ada's note, hidden by the moderator Mo: (Ada, Mo, decision)."""
    ada, mo = person("Ada"), person("Mo", "moderator")
    wall.write(ada, "n1")
    services.flag(person("Bob"), "wall.note", "n1", "spam")
    decision = services.decide(
        mo, services.queue()[0][0]["uid"], "hide", reason="spam", statement="It sells shoes."
    )
    assert decision is not None
    return ada, mo, decision


def test_hiding_hides_tells_the_author_and_is_recorded(wall: Any, hidden: tuple[Actor, Actor, str]) -> None:
    ada, _, decision = hidden
    assert wall.state("n1") == "hidden"
    assert services.queue()[0] == []
    assert Prepared("SELECT state FROM flag").value() == "upheld"
    ((title, url, text),) = notices(ada)
    assert title == "Your contribution is hidden from everybody."
    assert url == f"/me/decisions/{decision}"
    assert text == "Advertising or spam. It sells shoes."
    entry = Prepared("SELECT actor_name, obj_uid FROM audit_entry WHERE action = 'moderation.decided'").row()
    assert entry == {"actor_name": "Mo", "obj_uid": "n1"}


def test_the_statement_says_what_why_by_whom_and_until_when_to_appeal(
    hidden: tuple[Actor, Actor, str],
) -> None:
    ada, _, decision = hidden
    row = decisions.own(ada, decision)
    assert (row["measure"], row["rule"], row["statement"], row["automated"]) == (
        "hide", "Advertising or spam", "It sells shoes.", False,
    )  # fmt: skip
    assert row["may_appeal"]
    assert row["appealable_until"] - row["at"] == 183 * clock.DAY


def test_moderators_see_decisions_on_the_persons_timeline(hidden: tuple[Actor, Actor, str]) -> None:
    ada, mo, _ = hidden
    entries, _ = collect(mo, account_id=ada.account_id)
    assert [
        (entry.title, entry.excerpt, entry.actor_name) for entry in entries if entry.part == "moderation"
    ] == [("Your contribution is hidden from everybody.", "Advertising or spam", "Mo")]
    assert collect(ada, account_id=ada.account_id)[0] == []


def test_nothing_is_hidden_without_a_reason(wall: Any, person: Person) -> None:
    item = hold(wall, person("Ada"))
    with pytest.raises(Refusal) as refused:
        services.decide(person("Mo", "moderator"), item, "hide")
    assert refused.value.field == "reason"
    assert wall.state("n1") == "held"


def test_a_fault_of_the_part_undoes_the_whole_decision(
    wall: Any, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, mo = person("Ada"), person("Mo", "moderator")
    item = hold(wall, ada)

    def fail(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("the mail table is gone")

    monkeypatch.setattr(decisions, "notify", fail)
    with pytest.raises(RuntimeError):
        services.decide(mo, item, "hide", reason="spam")
    assert wall.state("n1") == "held"
    assert [row["uid"] for row in services.queue()[0]] == [item]
    assert Prepared("SELECT count(*) FROM moderation_decision").value() == 0


def test_two_moderators_cannot_both_decide(wall: Any, person: Person) -> None:
    item = hold(wall, person("Ada"))
    services.decide(person("Mo", "moderator"), item, "approve")
    with pytest.raises(Conflict):
        services.decide(person("Mia", "moderator"), item, "hide", reason="spam")
    assert wall.state("n1") == "shown"


def test_members_cannot_decide_and_nobody_decides_about_the_own(wall: Any, person: Person) -> None:
    mo = person("Mo", "moderator")
    item = hold(wall, mo)
    for actor in (mo, person("Ada")):
        with pytest.raises(Forbidden):
            services.decide(actor, item, "approve")


def test_an_appeal_is_answered_by_another_moderator(
    wall: Any, person: Person, hidden: tuple[Actor, Actor, str]
) -> None:
    ada, mo, decision = hidden
    mia = person("Mia", "moderator")
    services.appeal(ada, decision, "They are my own shoes.")
    (item,) = services.queue()[0]
    assert item["why"] == "appeal"
    with pytest.raises(Forbidden, match="Another moderator"):
        services.answer(mo, item["uid"], "uphold", "No.")
    services.answer(mia, item["uid"], "overturn", "You are right.")
    assert wall.state("n1") == "shown"
    assert decisions.own(ada, decision)["appeal_state"] == "overturned"
    assert notices(ada)[-1][::2] == ("Your appeal was granted.", "You are right.")


def test_the_only_moderator_answers_an_appeal_too(wall: Any, hidden: tuple[Actor, Actor, str]) -> None:
    ada, mo, decision = hidden
    services.appeal(ada, decision, "They are my own shoes.")
    services.answer(mo, services.queue()[0][0]["uid"], "uphold", "They are still for sale.")
    assert wall.state("n1") == "hidden"
    assert decisions.own(ada, decision)["appeal_state"] == "upheld"


def test_one_appeals_once_in_time_and_only_for_oneself(
    wall: Any, person: Person, hidden: tuple[Actor, Actor, str], movable_clock: Any
) -> None:
    ada, mo, decision = hidden
    with pytest.raises(NotFound):
        services.appeal(mo, decision, "Let me.")
    movable_clock.advance(184 * clock.DAY)
    with pytest.raises(Refusal):
        services.appeal(ada, decision, "Too late.")
    movable_clock.advance(-2 * clock.DAY)
    services.appeal(ada, decision, "In time.")
    with pytest.raises(Refusal):
        services.appeal(ada, decision, "Again.")


def test_a_suspension_ends_sessions_and_an_appeal_ends_it(wall: Any, person: Person) -> None:
    account = make_account("Ada")
    ada, mo, mia = actor_of(account), person("Mo", "moderator"), person("Mia", "moderator")
    session_key(account)
    decision = services.suspend(mo, ada.uid, clock.now() + clock.DAY, "abuse", "Three insults.")
    assert sessions.listed(account.id) == []
    assert not actor_of(account).is_authenticated
    services.appeal(ada, decision, "It was a quotation.")
    services.answer(mia, services.queue()[0][0]["uid"], "overturn", "It was.")
    assert actor_of(account).is_authenticated


def test_a_silenced_person_cannot_publish(wall: Any, person: Person, movable_clock: Any) -> None:
    ada, mo = person("Ada"), person("Mo", "moderator")
    services.silence(mo, ada.uid, clock.now() + clock.DAY, "abuse")
    with pytest.raises(Forbidden):
        services.screen(_again(ada))
    movable_clock.advance(clock.DAY + 1)
    assert not services.screen(_again(ada)).hold


def _again(actor: Actor) -> Actor:
    from ecrm_server.identity import actors

    assert actor.account_id is not None
    return actors.of_account(actor.account_id)


def test_first_posts_of_newcomers_wait_until_one_is_approved(wall: Any, person: Person) -> None:
    nina, mo = person("Nina", posts_reviewed=False), person("Mo", "moderator")
    assert services.screen(nina) == services.Screened(True, "first_post")
    services.decide(mo, hold(wall, nina), "approve")
    assert wall.state("n1") == "shown"
    assert services.screen(_again(nina)) == services.Screened()


def test_as_many_first_posts_wait_as_the_settings_say(
    wall: Any, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(current.generation().settings, "moderation.first_posts", 2)
    nina, mo = person("Nina", posts_reviewed=False), person("Mo", "moderator")
    services.decide(mo, hold(wall, nina, "n1"), "approve")
    assert services.screen(_again(nina)).hold
    services.decide(mo, hold(wall, nina, "n2"), "approve")
    assert not services.screen(_again(nina)).hold


def test_newcomers_links_and_filled_honeypots_are_held(
    wall: Any, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(current.generation().settings, "moderation.first_posts", 0)
    nina, ada = person("Nina", posts_reviewed=False), person("Ada")
    assert services.screen(nina, links=2) == services.Screened()
    assert services.screen(nina, links=3) == services.Screened(True, "links")
    assert services.screen(ada, links=30) == services.Screened()
    assert services.screen(ada, honeypot="http://shoes.example") == services.Screened(True, "honeypot")


def test_erasing_a_person_forgets_their_words_but_not_the_decision(hidden: tuple[Actor, Actor, str]) -> None:
    ada, _, decision = hidden
    assert ada.account_id is not None
    assert ada.profile_id is not None
    exported = personal.export(ada.account_id, ada.profile_id)
    assert exported["decisions"][0]["statement"] == "It sells shoes."
    with transaction():
        personal.erase(ada.account_id, ada.profile_id)
    row = decisions.own(ada, decision)
    assert (row["measure"], row["statement"], row["title"]) == ("hide", "", "")


def test_hiding_is_taken_back_and_the_author_hears_of_it(
    wall: Any, hidden: tuple[Actor, Actor, str], person: Person, movable_clock: Any
) -> None:
    ada, mo, decision = hidden
    item = services.queue(state="decided")[0][0]["uid"]
    with pytest.raises(Refusal):
        services.undo(person("Mia", "moderator"), item)
    services.undo(mo, item)
    assert wall.state("n1") == "shown"
    assert [row["flags"] for row in services.queue()[0]] == [1]
    assert Prepared("SELECT state FROM flag").value() == "open"
    row = decisions.own(ada, decision)
    assert (row["measure"], row["may_appeal"]) == ("none", False)
    assert notices(ada)[-1][0] == "A decision about your contribution was taken back."
    with pytest.raises(Refusal):
        services.undo(mo, item)
    services.decide(mo, item, "approve")
    movable_clock.advance(clock.HOUR + 1)
    with pytest.raises(Refusal):
        services.undo(mo, item)


def test_what_was_let_through_by_a_slip_waits_again(wall: Any, person: Person) -> None:
    ada, mo = person("Ada", posts_reviewed=False), person("Mo", "moderator")
    item = hold(wall, ada)
    reviewed = Prepared("SELECT posts_reviewed FROM account WHERE id = ?")
    services.decide(mo, item, "approve")
    assert (wall.state("n1"), bool(reviewed.value(ada.account_id))) == ("shown", True)
    services.undo(mo, item)
    assert (wall.state("n1"), bool(reviewed.value(ada.account_id))) == ("hidden", False)
    assert services.open_count() == 1


def test_a_decision_that_was_appealed_is_not_taken_back(wall: Any, hidden: tuple[Actor, Actor, str]) -> None:
    ada, mo, decision = hidden
    item = services.queue(state="decided")[0][0]["uid"]
    appeals.appeal(ada, decision, "My own shoes.")
    with pytest.raises(Refusal):
        services.undo(mo, item)
    assert wall.state("n1") == "hidden"
