from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from ecrm_server import clock, data
from ecrm_server.audit import services
from ecrm_server.data.append_only import changeable
from ecrm_server.identity import services as identity
from ecrm_server.identity.testing import actor_of


def test_the_log_is_read_filtered_and_exported_by_administrators(
    site: Any, sign_in: Any, visitor: Any
) -> None:
    admin, member = sign_in("Root", "admin"), sign_in("Ada")
    with data.transaction():
        services.record(
            "test.sold", actor=actor_of(member.account), obj_kind="shoe", obj_uid="=1+1", note="<b>",
            before={"price": 1}, after={"price": 2},
        )  # fmt: skip
    assert visitor.get("/admin/audit").status_code == 302
    assert member.get("/admin/audit").status_code == 403
    for browser in (visitor, member):
        assert browser.get("/lists/audit.entries/export.csv").status_code == 404
    page = admin.get("/admin/audit?q=sold").text
    assert "test.sold" in page
    assert "&lt;b&gt;" in page
    sold = urlencode({"filter": '{"trait":"audit.action","op":"is","value":"test.sold"}'})
    bought = urlencode({"filter": '{"trait":"audit.action","op":"is","value":"test.bought"}'})
    assert "test.sold" in admin.get(f"/admin/audit?{sold}").text
    assert "Nothing matches" in admin.get(f"/admin/audit?{bought}").text
    answer = admin.get(f"/lists/audit.entries/export.csv?{sold}")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["Who"], row["Object"], row["Changes"]) for row in rows] == [("Ada", "shoe =1+1", "<b>; price: 1 -> 2")]


def test_the_verify_button_names_what_was_altered(site: Any, sign_in: Any) -> None:
    admin, member = sign_in("Root", "admin"), sign_in("Ada")
    with data.transaction():
        uid = services.record("test.sold", actor=actor_of(member.account))
    assert member.post("/admin/audit/verify").status_code == 403
    assert "Nothing was altered" in admin.post("/admin/audit/verify").text
    changeable(data.database, "audit_entry")
    data.Prepared("UPDATE audit_entry SET action = 'test.bought' WHERE uid = ?").run(uid)
    page = admin.post("/admin/audit/verify").text
    assert f"Record {uid} was altered." in page


def test_a_day_of_the_filter_begins_at_the_readers_midnight(
    site: Any, sign_in: Any, movable_clock: Any
) -> None:
    admin = sign_in("Root", "admin")
    identity.set_preferences(actor_of(admin.account), timezone="Europe/Berlin")
    for moment in ("2026-11-22T22:58", "2026-11-22T23:02"):
        movable_clock.ms = clock.from_datetime(datetime.fromisoformat(moment))
        with data.transaction():
            services.record("test.sold", actor=actor_of(admin.account), note=moment)
    movable_clock.ms = clock.from_datetime(datetime.fromisoformat("2026-11-23T12:00"))
    answer = admin.get("/admin/audit?trait=audit.at&op=after&value=2026-11-23T00:00")
    text = admin.get(answer.location.replace("/admin/audit", "/lists/audit.entries/export.csv")).text
    assert "2026-11-22T23:02" in text
    assert "2026-11-22T22:58" not in text


@pytest.mark.usefixtures("both_engines")
def test_entries_are_sentences_that_lead_to_their_objects(site: Any, sign_in: Any) -> None:
    admin = sign_in("Root", "admin")
    mia = sign_in("Mia").account
    identity.set_roles(actor_of(admin.account), mia, ["moderator"])
    admin.post("/admin/settings/moderation", {"first_posts": "0"})
    with data.transaction():
        services.record("test.shoe_sold", actor=actor_of(admin.account), obj_kind="shoe", obj_uid="s1")
    page = admin.get("/admin/audit").text
    assert "Gave an account other roles" in page
    assert f'<a href="/admin/people/{mia.uid}" title="{mia.uid}">Mia</a>' in page
    assert "identity.roles_changed" in page, "the name that programs know stays as a detail"
    assert '<a href="/admin/settings/moderation"' in page
    assert "Shoe sold" in page
