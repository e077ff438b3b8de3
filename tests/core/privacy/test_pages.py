from __future__ import annotations

from typing import Any

from ecrm_server.data import Prepared
from ecrm_server.identity.testing import actor_of
from ecrm_server.privacy import services


def test_a_person_asks_for_the_data_and_downloads_it(diary: Any, sign_in: Any) -> None:
    browser, other = sign_in("Ada"), sign_in("Eve", "admin")
    assert browser.post("/me/data/exports").status_code == 302
    assert "Gathering" in browser.get("/me/data").text
    assert browser.post("/me/data/exports").status_code == 422
    uid = services.exports(browser.account.id)[0]["uid"]
    path = f"/me/data/exports/{uid}.zip"
    assert browser.get(path).status_code == 404
    services.export(uid)
    assert path in browser.get("/me/data/exports").text
    answer = browser.get(path)
    assert answer.status_code == 200
    assert answer.data.startswith(b"PK")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    answer.close()
    assert other.get(path).status_code == 404


def test_the_page_leads_to_deleting_the_account(diary: Any, sign_in: Any) -> None:
    browser = sign_in("Ada")
    assert 'href="/me/delete"' in browser.get("/me/data").text
    services.erase(browser.account.id, actor_of(browser.account))
    assert browser.get("/me/data").status_code == 302


def test_administrators_see_requests_and_start_failed_ones_again(diary: Any, sign_in: Any) -> None:
    admin, member = sign_in("Root", "admin"), sign_in("Ada")
    services.ask_for_export(actor_of(member.account))
    uid = services.exports(member.account.id)[0]["uid"]
    assert member.get("/admin/privacy").status_code == 403
    assert "Ada" in admin.get("/admin/privacy").text
    assert admin.post(f"/admin/privacy/{uid}/again").status_code == 422
    Prepared("UPDATE data_request SET state = 'failed', error = 'a blot' WHERE uid = ?").run(uid)
    assert "a blot" in admin.get("/admin/privacy").text
    assert member.post(f"/admin/privacy/{uid}/again").status_code == 403
    assert admin.post(f"/admin/privacy/{uid}/again").status_code == 302
    assert services.exports(member.account.id)[0]["state"] == "waiting"
