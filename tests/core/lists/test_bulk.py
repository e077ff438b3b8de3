"""Many rows changed by a job, and put back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from ecrm_server import clock
from ecrm_server.data import Prepared
from ecrm_server.jobs.execute import run_job
from ecrm_server.lists import bulk
from tests.core.lists.conftest import add_parcel, parcel

ACTION = "/lists/parcels.parcels/bulk/set_state"
_WAITING = Prepared("SELECT uid FROM job WHERE state = 'queued' AND kind LIKE 'lists.%' ORDER BY id")
_STATES = Prepared("SELECT state, COUNT(*) FROM parcels_parcel GROUP BY state")

pytestmark = pytest.mark.usefixtures("both_engines")


@pytest.fixture
def site(parcels_site: Any) -> Any:
    return parcels_site


@pytest.fixture
def stan(sign_in: Any) -> Any:
    return sign_in("Stan", "staff")


def states() -> dict[str, int]:
    return dict(_STATES.tuples())


def work() -> None:
    """Run the waiting jobs, as a worker would."""
    for (uid,) in _WAITING.tuples():
        run_job(uid)


def start(browser: Any, query: str = "", **form: Any) -> str:
    answer = browser.post(f"{ACTION}?{query}", {"sure": "1", "value": "gone", **form})
    assert answer.status_code == 302, answer.text[:1500]
    return str(answer.location).rpartition("/")[2]


def test_ticked_rows_are_changed_and_put_back(stan: Any, emitted: Any) -> None:
    for code in "ABC":
        add_parcel(code, "called" if code == "B" else "here")
    asked = stan.post(ACTION, {"uid": ["p-A", "p-B"]})
    assert asked.status_code == 200
    assert "Set the state of 2 parcels?" in asked.text
    assert states() == {"here": 2, "called": 1}
    uid = start(stan, uid=["p-A", "p-B"])
    assert stan.get(f"/lists/bulk/{uid}", headers={"X-Piece": "1"}).json["state"] == "waiting"
    work()
    assert states() == {"here": 1, "gone": 2}
    ended = stan.get(f"/lists/bulk/{uid}", headers={"X-Piece": "1"}).json
    assert ended == {"state": "done", "done": 2, "total": 2, "error": "", "may_undo": True}
    assert stan.post(f"/lists/bulk/{uid}/undo").status_code == 302
    work()
    assert (parcel("p-A")["state"], parcel("p-B")["state"]) == ("here", "called")
    assert [event["data"]["state"] for event in emitted("lists.bulk_ended")] == ["done", "undone"]
    assert stan.post(f"/lists/bulk/{uid}/undo").status_code == 422


def test_all_that_match_are_changed_in_steps_though_they_stop_matching(
    stan: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "STEP", 7)
    for number in range(40):
        add_parcel(f"N{number:02}", "here" if number % 2 else "called")
    query = urlencode({"filter": '{"trait":"parcels.state","op":"is","value":"here"}', "q": "n"})
    assert "Set the state of 20 parcels?" in stan.post(f"{ACTION}?{query}", {"all": "1"}).text
    uid = start(stan, query, all="1")
    add_parcel("N99", "here")
    work()
    assert states() == {"called": 20, "gone": 20, "here": 1}, "rows made meanwhile are left alone"
    assert Prepared("SELECT COUNT(*) FROM list_bulk_step").value() == 3
    stan.post(f"/lists/bulk/{uid}/undo")
    work()
    assert states() == {"called": 20, "here": 21}


def test_undo_leaves_alone_what_somebody_changed_since(stan: Any) -> None:
    add_parcel("A")
    add_parcel("B")
    uid = start(stan, uid=["p-A", "p-B"])
    work()
    stan.post("/lists/parcels.parcels/rows/p-A/state", {"value": "called", "version": "2"})
    stan.post(f"/lists/bulk/{uid}/undo")
    work()
    assert (parcel("p-A")["state"], parcel("p-B")["state"]) == ("called", "here")


def test_an_interrupted_job_goes_on_behind_its_last_step(stan: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "STEP", 2)
    for number in range(6):
        add_parcel(f"N{number}")
    uid = start(stan, all="1")
    keep = bulk._next
    calls = iter((1, 2))

    def broken(*arguments: Any) -> Any:
        if next(calls, None) is None:
            raise OSError("the worker was killed")
        return keep(*arguments)

    monkeypatch.setattr(bulk, "_next", broken)
    work()
    assert states() == {"gone": 4, "here": 2}
    monkeypatch.setattr(bulk, "_next", keep)
    Prepared("UPDATE job SET run_at = 0 WHERE kind = 'lists.bulk'").run()
    work()
    assert states() == {"gone": 6}
    assert stan.get(f"/lists/bulk/{uid}", headers={"X-Piece": "1"}).json["done"] == 6


def test_the_job_asks_again_what_the_person_may_do(stan: Any) -> None:
    add_parcel("A")
    uid = start(stan, uid=["p-A"])
    Prepared("DELETE FROM account_role WHERE account_id = ?").run(stan.account.id)
    from ecrm_server.identity import held

    held.forget(stan.account.id)
    work()
    assert states() == {"here": 1}
    assert stan.get(f"/lists/bulk/{uid}", headers={"X-Piece": "1"}).json["state"] == "failed"


@pytest.mark.parametrize(
    "form", [{}, {"uid": "p-A", "value": "lost"}, {"uid": "p-A", "value": ""}, {"uid": [f"u{n}" for n in range(2001)]}]
)
def test_what_cannot_be_done_is_refused(stan: Any, form: dict[str, Any]) -> None:
    add_parcel("A")
    answer = stan.post(ACTION, {"sure": "1", "value": "gone", **form})
    assert answer.status_code == 422
    assert Prepared("SELECT COUNT(*) FROM list_bulk").value() == 0


def test_bulk_actions_are_ones_own(stan: Any, sign_in: Any) -> None:
    add_parcel("A")
    uid = start(stan, uid=["p-A"])
    work()
    sue = sign_in("Sue", "staff")
    assert sue.get(f"/lists/bulk/{uid}").status_code == 404
    assert sue.post(f"/lists/bulk/{uid}/undo").status_code == 404
    ada = sign_in("Ada")
    assert ada.post(ACTION, {"sure": "1", "value": "gone", "uid": "p-A"}).status_code == 404
    assert "list-bulk" not in ada.get("/parcels/all").text
    assert "1 row was changed." in stan.get(f"/lists/bulk/{uid}").text


def test_undo_ends_after_a_day(stan: Any, movable_clock: Any) -> None:
    add_parcel("A")
    uid = start(stan, uid=["p-A"])
    work()
    movable_clock.advance(clock.DAY + 1)
    bulk.sweep(None)  # type: ignore[arg-type]  # it asks nothing of its run
    assert Prepared("SELECT COUNT(*) FROM list_bulk_step").value() == 0
    assert bulk._FIND.row(uid) is not None
