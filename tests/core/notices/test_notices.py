"""Notices: bell, preferences, mail by preference, unsubscribing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.events.outbox import importing
from ecrm_server.identity.testing import actor_of, make_account
from ecrm_server.kernel import current
from ecrm_server.kernel.site import Site
from ecrm_server.notices import preferences, privacy, services, unsubscribe
from ecrm_server.notices.channels import ACCOUNT
from ecrm_server.testing import Browser

MAILS = Prepared(
    "SELECT account_id, subject, headers, text, html FROM mail WHERE kind LIKE 'club.%' ORDER BY id"
)
EVENTS = Prepared("SELECT data FROM event WHERE name = 'notices.notified' ORDER BY id")


def tell(*accounts: Any, kind: str = "club.news", title: str = "News", **more: Any) -> int:
    return services.notify([account.id for account in accounts], kind, title=title, url="/club/1", **more)


def test_people_are_told_on_the_site_and_by_mail(club: Site) -> None:
    ann, bob = make_account("Ann"), make_account("Bob")
    assert tell(ann, bob, ann, excerpt="<b>now</b>", actor_profile_id=bob.profile_id) == 2
    assert services.unread_count(ann.id) == 1
    (row,), following = services.page(ann.id)
    assert (row["title"], row["actor_name"], following) == ("News", "Bob", None)
    assert [mail["account_id"] for mail in MAILS.rows()] == [ann.id, bob.id]
    mail = MAILS.rows()[0]
    assert "List-Unsubscribe" in mail["headers"]
    assert "http://localhost/club/1" in mail["text"]
    assert "<b>now</b>" in mail["text"]
    assert "&lt;b&gt;now" in mail["html"]
    assert EVENTS.rows()[-1]["data"].count(ann.profile_uid) == 1


def test_a_group_is_counted_into_one_unread_notice_and_mailed_once(club: Site) -> None:
    ann = make_account("Ann")
    for number in range(3):
        tell(ann, title=f"Reply {number}", group_key="topic:1")
    (row,), _ = services.page(ann.id)
    assert (row["title"], row["number"]) == ("Reply 2", 3)
    assert services.unread_count(ann.id) == 1
    assert len(MAILS.rows()) == 1
    services.mark_group_read(ann.id, "topic:1")
    assert services.unread_count(ann.id) == 0
    tell(ann, title="Reply 3", group_key="topic:1")
    assert len(services.page(ann.id)[0]) == 2
    assert len(MAILS.rows()) == 2


def test_everybody_hears_on_the_channels_chosen(club: Site) -> None:
    ann = make_account("Ann")
    preferences.decide(ann.id, "club.news", "site", False)
    tell(ann)
    assert (services.unread_count(ann.id), len(MAILS.rows())) == (0, 1)
    preferences.save(ann.id, [("club.news", "site"), ("club.quiet", "mail")])
    tell(ann)
    tell(ann, kind="club.quiet")
    assert (services.unread_count(ann.id), len(MAILS.rows())) == (1, 2)
    preferences.save(ann.id, [])
    assert tell(ann) == 0
    assert tell(ann, kind="club.alarm") == 1
    with pytest.raises(Refusal):
        preferences.decide(ann.id, "club.alarm", "mail", False)


def test_nobody_is_told_of_an_import_and_a_deleted_or_unconfirmed_account_gets_no_mail(club: Site) -> None:
    ann, bob, cy = make_account("Ann"), make_account("Bob"), make_account("Cy")
    with importing():
        assert tell(ann) == 0
    Prepared("UPDATE account SET confirmed_at = NULL WHERE id = ?").run(bob.id)
    Prepared("UPDATE account SET active = ? WHERE id = ?").run(False, cy.id)
    assert tell(bob, cy) == 1
    assert MAILS.rows() == []
    with pytest.raises(ValueError, match=r"club\.nothing"):
        tell(ann, kind="club.nothing")


def test_a_notice_of_an_undone_change_is_undone_too(club: Site) -> None:
    ann = make_account("Ann")
    with suppress(ZeroDivisionError), transaction():
        tell(ann)
        _ = 1 / 0
    assert services.unread_count(ann.id) == 0
    assert MAILS.rows() == []


def test_reading_keeps_the_counter_right_and_others_notices_are_hidden(club: Site) -> None:
    ann, bob = make_account("Ann"), make_account("Bob")
    for _ in range(3):
        tell(ann)
    uid = services.page(ann.id)[0][0]["uid"]
    for _ in range(2):
        assert services.open_notice(ann.id, uid) == "/club/1"
    assert services.unread_count(ann.id) == 2
    with pytest.raises(NotFound):
        services.open_notice(bob.id, uid)
    services.mark_all_read(ann.id)
    assert services.unread_count(ann.id) == 0


def test_pages_follow_by_key(club: Site) -> None:
    ann = make_account("Ann")
    for number in range(7):
        tell(ann, title=str(number))
    first, key = services.page(ann.id, limit=4)
    assert key is not None
    rest, end = services.page(ann.id, before=key, limit=4)
    assert [row["title"] for row in first + rest] == list("6543210")
    assert end is None


def test_the_bell_and_the_pages(club: Site, sign_in: Callable[..., Any], visitor: Browser) -> None:
    ann, bob = sign_in("Ann", "member"), sign_in("Bob", "member")
    assert "No notices yet" in ann.get("/notices").text
    tell(ann.account, title="<i>Hello</i>", excerpt="Something new")
    uid = services.page(ann.account.id)[0][0]["uid"]
    assert "&lt;i&gt;Hello" in ann.get("/notices").text
    assert "Something new" in ann.get("/notices/recent").text
    assert ann.get("/notices/count").get_json()["count"] == 1
    assert bob.get(f"/notices/{uid}").status_code == 404
    assert bob.post(f"/notices/{uid}/read").status_code == 404
    assert ann.get(f"/notices/{uid}").headers["Location"] == "/club/1"
    assert ann.get("/notices/count").get_json()["count"] == 0
    tell(ann.account)
    assert ann.post("/notices/read").status_code == 302
    assert services.unread_count(ann.account.id) == 0
    for broken in ("x", "1_x", "9" * 40 + "_1"):
        assert ann.get(f"/notices?before={broken}").status_code == 200
    assert visitor.get("/notices").status_code == 302


def test_preferences_are_saved_from_the_page(club: Site, sign_in: Callable[..., Any]) -> None:
    ann = sign_in("Ann", "member")
    assert "News of the club" in ann.get("/me/notifications").text
    assert (
        ann.post("/me/notifications", {"on": ["club.news:site", "no.such:mail", "broken"]}).status_code == 302
    )
    choices = {choice.kind.name: choice.on for choice in preferences.matrix(ann.account.id)}
    assert choices["club.news"] == {"site"}
    assert choices["club.quiet"] == frozenset()
    assert choices["club.alarm"] == {"site", "mail"}


def test_one_click_unsubscribes_without_signing_in_and_looking_changes_nothing(
    club: Site, visitor: Browser
) -> None:
    ann = make_account("Ann")
    path = unsubscribe.url(ann.profile_uid, "club.news").removeprefix("http://localhost")
    assert visitor.get(path).status_code == 200
    tell(ann)
    assert len(MAILS.rows()) == 1
    program = Browser(club)  # a mail program has no cookies of ours
    assert program.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert program.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    tell(ann)
    assert len(MAILS.rows()) == 1
    assert services.unread_count(ann.id) == 2
    # Not the last letter: it carries bits that do not count.
    altered = path[:-5] + ("b" if path[-5] == "a" else "a") + path[-4:]
    assert visitor.get(altered).status_code == 404
    assert program.post("/unsubscribe/nonsense").status_code == 404
    alarm = unsubscribe.url(ann.profile_uid, "club.alarm").removeprefix("http://localhost")
    assert program.post(alarm).status_code == 422


def test_nobody_joins_another_s_bell(club: Site) -> None:
    ann, bob = make_account("Ann"), make_account("Bob")
    actor = actor_of(ann)
    assert ACCOUNT.authorise(actor, ann.profile_uid)
    assert not ACCOUNT.authorise(actor, bob.profile_uid)
    assert current.generation().channel("notices.account") is ACCOUNT


def test_a_person_s_notices_are_exported_and_erased(club: Site) -> None:
    ann, bob = make_account("Ann"), make_account("Bob")
    tell(ann)
    tell(bob, actor_profile_id=ann.profile_id)
    preferences.decide(ann.id, "club.news", "mail", False)
    exported = privacy.export(ann.id)
    assert exported["notices"][0]["title"] == "News"
    assert exported["preferences"] == [{"kind": "club.news", "channel": "mail", "wanted": False}]
    privacy.erase(ann.id, ann.profile_id)
    assert privacy.export(ann.id) == {"notices": [], "mails": [], "preferences": []}
    assert services.page(bob.id)[0][0]["actor_name"] is None
