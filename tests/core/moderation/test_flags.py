from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ecrm_server import clock
from ecrm_server.access import ANONYMOUS, Actor
from ecrm_server.errors import Forbidden, NotFound, Refusal, TooManyRequests
from ecrm_server.kernel import current
from ecrm_server.moderation import flags, services

Person = Callable[..., Actor]


def waiting() -> list[tuple[str, str, int]]:
    return [(row["why"], row["obj_uid"], row["flags"]) for row in services.queue()[0]]


def test_a_flag_puts_the_object_before_the_moderators(wall: Any, person: Person) -> None:
    ada, bob = person("Ada"), person("Bob")
    services.flag(bob, "wall.note", wall.write(ada, "n1"), "spam", "an advert")
    assert waiting() == [("flagged", "n1", 1)]
    (row,) = flags.of_object("wall.note", "n1")
    assert (row["reporter_name"], row["reason"], row["text"]) == ("Bob", "spam", "an advert")


def test_flagging_twice_replaces_the_first_flag(wall: Any, person: Person) -> None:
    bob = person("Bob")
    wall.write(None, "n1")
    first = services.flag(bob, "wall.note", "n1", "spam")
    assert services.flag(bob, "wall.note", "n1", "abuse", "worse") == first
    assert [(row["reason"], row["text"]) for row in flags.of_object("wall.note", "n1")] == [
        ("abuse", "worse")
    ]
    assert waiting() == [("flagged", "n1", 1)]


def test_flags_of_different_people_are_counted_on_one_item(wall: Any, person: Person) -> None:
    wall.write(None, "n1")
    for name in ("Bob", "Cleo"):
        services.flag(person(name), "wall.note", "n1", "spam")
    assert waiting() == [("flagged", "n1", 2)]


def test_an_object_is_queued_when_enough_people_flagged_it(
    wall: Any, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(current.generation().settings, "moderation.flags_to_queue", 2)
    wall.write(None, "n1")
    services.flag(person("Bob"), "wall.note", "n1", "spam")
    assert waiting() == []
    services.flag(person("Cleo"), "wall.note", "n1", "spam")
    assert waiting() == [("flagged", "n1", 2)]


def test_what_one_may_not_read_cannot_be_flagged(wall: Any, person: Person) -> None:
    bob = person("Bob")
    wall.write(None, "private1")
    for uid in ("private1", "nothing"):
        with pytest.raises(NotFound):
            services.flag(bob, "wall.note", uid, "spam")
    with pytest.raises(NotFound):
        services.flag(bob, "no.kind", "n1", "spam")


def test_flags_need_an_account_a_known_reason_and_somebody_elses_words(wall: Any, person: Person) -> None:
    ada = person("Ada")
    wall.write(ada, "n1")
    with pytest.raises(Forbidden):
        services.flag(ANONYMOUS, "wall.note", "n1", "spam")
    with pytest.raises(Refusal, match="reason"):
        services.flag(person("Bob"), "wall.note", "n1", "because")
    with pytest.raises(Refusal, match="your own"):
        services.flag(ada, "wall.note", "n1", "spam")
    assert waiting() == []


def test_flags_are_limited_by_the_hour(
    wall: Any, person: Person, movable_clock: Any, monkeypatch: Any
) -> None:
    monkeypatch.setitem(current.generation().settings, "moderation.flags_per_hour", 2)
    bob = person("Bob")
    for number in range(4):
        wall.write(None, f"n{number}")
    services.flag(bob, "wall.note", "n0", "spam")
    services.flag(bob, "wall.note", "n1", "spam")
    with pytest.raises(TooManyRequests):
        services.flag(bob, "wall.note", "n2", "spam")
    movable_clock.advance(clock.HOUR + 1)
    services.flag(bob, "wall.note", "n3", "spam")
