from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ecrm_server import clock
from ecrm_server.access import ANONYMOUS, SYSTEM, Actor
from ecrm_server.data import Prepared, database, transaction
from ecrm_server.errors import Forbidden, NotFound, TooManyRequests
from ecrm_server.identity.testing import actor_of
from ecrm_server.jobs.run import Run
from ecrm_server.kernel import current
from ecrm_server.storage import services, upkeep
from ecrm_server.storage.errors import UploadRefused
from ecrm_server.storage.kind import PUBLIC, FileKind

NOTE = FileKind("wall.note", lambda actor, uid: uid == "open" or (uid == "ours" and actor.is_authenticated))
RAISING = FileKind("wall.broken", lambda actor, uid: bool(1 / 0))

_CONTENT = "SELECT uid FROM stored_file ORDER BY id"


def picture(width: int = 40, height: int = 20) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(target, "PNG")
    return target.getvalue()


@pytest.fixture
def kinds(site: Any) -> None:
    registry = current.generation().registry
    for kind in (NOTE, RAISING):
        registry.file_kinds[kind.name] = kind
        registry.owner[f"file_kinds {kind.name}"] = "wall"


@pytest.fixture
def ada(sign_in: Callable[..., Any]) -> Any:
    return sign_in("Ada")


@pytest.fixture
def ben(sign_in: Callable[..., Any]) -> Any:
    return sign_in("Ben")


def as_actor(browser: Any) -> Actor:
    return actor_of(browser.account)


def on_disk() -> list[Path]:
    root = current.generation().config.instance / "files"
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_new_picture_is_its_owners_alone_until_it_is_attached(
    both_engines: str, kinds: None, ada: Any, ben: Any, visitor: Any
) -> None:
    row = services.save_image(as_actor(ada), picture(), name="bike.png")
    assert row["url"] == f"/files/{row['uid']}.png"
    assert (row["width"], row["height"], row["name"]) == (40, 20, "bike.png")
    answers = [browser.get(row["url"]).status_code for browser in (ada, ben, visitor)]
    assert answers == [200, 404, 404]

    assert services.attach(as_actor(ben), [row["url"]], "wall.note", "open") == 0, "another's file"
    assert services.attach(as_actor(ada), [row["url"], "/files/x.png", "word"], "wall.note", "ours") == 1
    answers = [browser.get(row["url"]).status_code for browser in (ada, ben, visitor)]
    assert answers == [200, 200, 404]
    assert [item["uid"] for item in services.attached("wall.note", "ours")] == [row["uid"]]
    assert services.attach(as_actor(ada), [row["uid"]], "wall.note", "open") == 0, "it hangs already"


def test_a_file_is_served_with_headers_that_keep_it_harmless(site: Any, kinds: None, ada: Any) -> None:
    row = services.save_image(as_actor(ada), picture(), attach_kind="wall.note", attach_uid="ours")
    answer = ada.get(row["url"])
    assert answer.data.startswith(b"\x89PNG")
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"].startswith("private, max-age=")
    again = ada.get(row["url"], headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert ada.get(row["url"].replace(".png", ".html")).status_code == 404
    assert ada.get("/files/..%2f..%2fsecret_key").status_code == 404


def test_a_document_is_only_ever_downloaded(site: Any, kinds: None, ada: Any, visitor: Any) -> None:
    row = services.save_file(
        as_actor(ada), "notes.txt", b"<script>alert(1)</script>", attach_kind="wall.note", attach_uid="open"
    )
    answer = visitor.get(row["url"])
    assert answer.headers["Content-Disposition"] == 'attachment; filename="notes.txt"'
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_avatars_are_public_and_small(site: Any, ada: Any, visitor: Any) -> None:
    row = services.save_image(
        as_actor(ada), picture(800, 400), attach_kind=PUBLIC, attach_uid=as_actor(ada).uid, longest_side=256
    )
    assert (row["width"], row["height"], row["media_type"]) == (256, 128, "image/webp")
    answer = visitor.get(row["url"])
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"].startswith("public, ")


def test_a_part_that_is_off_or_fails_shows_no_file(site: Any, kinds: None, ada: Any) -> None:
    registry = current.generation().registry
    broken = services.save_image(as_actor(ada), picture(), attach_kind="wall.broken", attach_uid="a")
    assert ada.get(broken["url"]).status_code == 404
    row = services.save_image(as_actor(ada), picture(), attach_kind="wall.note", attach_uid="open")
    del registry.file_kinds["wall.note"]
    assert ada.get(row["url"]).status_code == 404


def test_an_unknown_kind_is_a_programming_error_and_keeps_nothing(site: Any, ada: Any) -> None:
    with pytest.raises(LookupError, match=r"wall\.nothing"):
        services.save_image(as_actor(ada), picture(), attach_kind="wall.nothing", attach_uid="a")
    with pytest.raises(UploadRefused):
        services.save_image(as_actor(ada), b"no picture")
    with pytest.raises(Forbidden):
        services.save_image(ANONYMOUS, picture())
    assert on_disk() == []


def test_too_many_unused_files_are_refused(site: Any, ada: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_UNATTACHED", 1)
    services.save_file(as_actor(ada), "a.txt", b"one")
    with pytest.raises(TooManyRequests):
        services.save_file(as_actor(ada), "a.txt", b"two")


def test_the_sweep_deletes_what_hangs_on_nothing_for_a_day(
    both_engines: str, kinds: None, ada: Any, movable_clock: Any
) -> None:
    actor = as_actor(ada)
    old, kept = (services.save_file(actor, "a.txt", text) for text in (b"old", b"kept"))
    services.attach(actor, [kept["uid"]], "wall.note", "open")
    movable_clock.advance(clock.DAY + 1)
    new = services.save_file(actor, "a.txt", b"new")
    upkeep.sweep(Run("job", {}, None, 1))
    assert [row[0] for row in Prepared(_CONTENT).tuples()] == [kept["uid"], new["uid"]]
    assert len(on_disk()) == 2
    assert old["uid"] not in {kept["uid"], new["uid"]}


def test_a_file_that_a_text_no_longer_shows_is_swept_later(
    site: Any, kinds: None, ada: Any, movable_clock: Any
) -> None:
    actor = as_actor(ada)
    first, second = (
        services.save_file(actor, "a.txt", text, attach_kind="wall.note", attach_uid="open") for text in (b"1", b"2")
    )
    movable_clock.advance(clock.DAY * 3)
    assert services.keep_only([second["url"]], "wall.note", "open") == 1
    upkeep.sweep(Run("job", {}, None, 1))
    assert len(on_disk()) == 2, "the day begins with the detaching"
    movable_clock.advance(clock.DAY + 1)
    upkeep.sweep(Run("job", {}, None, 1))
    assert [row[0] for row in Prepared(_CONTENT).tuples()] == [second["uid"]]
    assert first["uid"] != second["uid"]


def test_bytes_go_only_when_the_deletion_has_committed(site: Any, kinds: None, ada: Any) -> None:
    row = services.save_file(as_actor(ada), "a.txt", b"one", attach_kind="wall.note", attach_uid="open")
    with database.atomic() as outer:
        services.delete(row["uid"])
        outer.rollback()
    assert ada.get(row["url"]).status_code == 200
    assert services.delete_attached("wall.note", "open") == 1
    assert on_disk() == []
    assert not services.delete(row["uid"])


def test_a_lost_file_is_not_found(site: Any, kinds: None, ada: Any) -> None:
    row = services.save_file(as_actor(ada), "a.txt", b"one")
    on_disk()[0].unlink()
    with pytest.raises(NotFound):
        services.open_file(row)
    assert ada.get(row["url"]).status_code == 404


def test_an_erasure_takes_avatar_and_drafts_and_leaves_content(both_engines: str, kinds: None, ada: Any) -> None:
    actor = as_actor(ada)
    services.save_image(actor, picture(), attach_kind=PUBLIC, attach_uid=actor.uid)
    services.save_file(actor, "draft.txt", b"draft")
    kept = services.save_file(actor, "a.txt", b"one", attach_kind="wall.note", attach_uid="open")
    assert actor.profile_id is not None
    assert [row["name"] for row in upkeep.export(actor.profile_id)] == ["picture.png", "draft.txt", "a.txt"]
    with transaction():
        upkeep.erase(actor.profile_id)
    assert upkeep.export(actor.profile_id) == []
    assert Prepared("SELECT uid, owner_id FROM stored_file").tuples() == [(kept["uid"], None)]
    assert len(on_disk()) == 1


def test_the_health_check_tells_of_a_folder_that_takes_nothing(site: Any) -> None:
    assert upkeep.check_folder().state == "well"
    root = current.generation().config.instance / "files"
    for path in sorted(root.rglob("*"), reverse=True):
        path.rmdir()
    root.rmdir()
    root.write_text("in the way")
    assert upkeep.check_folder().state == "broken"


def test_the_server_itself_may_keep_files(site: Any, visitor: Any) -> None:
    row = services.save_image(SYSTEM, picture(), attach_kind=PUBLIC, attach_uid="site.logo")
    assert visitor.get(row["url"]).status_code == 200
