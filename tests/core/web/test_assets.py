from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest
from werkzeug.exceptions import NotFound

from ecrm_server.web import vendor
from ecrm_server.web.assets import ASK_AGAIN, FOREVER, Assets, UnknownAsset


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    made = {name: tmp_path / name for name in ("core", "forums", "harbour")}
    for name, folder in made.items():
        (folder / "js").mkdir(parents=True)
        (folder / "js" / "app.js").write_text(f"export const owner = '{name}';\n" * 50, encoding="utf-8")
    (made["core"] / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    (made["core"] / ".secret").write_text("hidden", encoding="utf-8")
    (tmp_path / "outside.js").write_text("outside", encoding="utf-8")
    (made["core"] / "link.js").symlink_to(tmp_path / "outside.js")
    return made


@pytest.fixture
def assets(folders: dict[str, Path]) -> Assets:
    return Assets(
        {"forums": folders["forums"]}, {"harbour": folders["harbour"]}, core=folders["core"], strict=True
    )


def path_of(url: str) -> str:
    return url.removeprefix("/static/")


@pytest.mark.parametrize(
    "name, owner",
    [("js/app.js", "core"), ("p/forums/js/app.js", "forums"), ("t/harbour/js/app.js", "harbour")],
)
def test_each_folder_answers_its_own_file_for_a_year(assets: Assets, name: str, owner: str) -> None:
    response = assets.response(path_of(assets.url(name)))
    assert owner.encode() in response.get_data()
    assert response.headers["Cache-Control"] == FOREVER
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.content_type == "text/javascript; charset=utf-8"


def test_a_relative_import_stays_below_the_same_hash(assets: Assets) -> None:
    folder = assets.url("js/app.js").rpartition("/")[0]
    assert assets.response(path_of(f"{folder}/app.js")).headers["Cache-Control"] == FOREVER


def test_an_old_or_missing_hash_answers_but_is_asked_again(assets: Assets) -> None:
    for path in ("js/app.js", "00000000/js/app.js", "p/forums/00000000/js/app.js"):
        assert assets.response(path).headers["Cache-Control"] == ASK_AGAIN


def test_gzip_goes_to_those_who_accept_it(assets: Assets) -> None:
    path = path_of(assets.url("js/app.js"))
    plain, packed = assets.response(path), assets.response(path, "br;q=1.0, gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.get_data()) == plain.get_data()
    assert "Content-Encoding" not in assets.response(path, "gzip;q=0").headers


def test_a_known_etag_is_answered_without_the_body(assets: Assets) -> None:
    first = assets.response("js/app.js")
    again = assets.response("js/app.js", if_none_match=first.headers["ETag"])
    assert (again.status_code, again.get_data()) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "../outside.js",
        "js/../../outside.js",
        "%2e%2e/outside.js",
        "/etc/passwd",
        "link.js",
        ".secret",
        "js",
        "",
        "p/forums/../core/js/app.js",
        "p/unknown/js/app.js",
        "t/../core/js/app.js",
        "a/../js/app.js",
        "a/12345g.css",
    ],
)
def test_nothing_outside_the_folders_is_answered(assets: Assets, path: str) -> None:
    with pytest.raises(NotFound):
        assets.response(path)


def test_a_drawing_opened_on_its_own_runs_nothing(assets: Assets) -> None:
    response = assets.response("logo.svg")
    assert response.content_type == "image/svg+xml"
    assert "sandbox" in response.headers["Content-Security-Policy"]


def test_an_unknown_name_raises_where_that_is_wanted(assets: Assets, folders: dict[str, Path]) -> None:
    with pytest.raises(UnknownAsset, match=r"js/none\.js"):
        assets.url("js/none.js")
    assert Assets(core=folders["core"]).url("js/none.js") == "/static/js/none.js"


def test_a_changed_file_changes_every_url_of_its_folder_alone(
    tmp_path: Path, folders: dict[str, Path]
) -> None:
    before = Assets({"forums": folders["forums"]}, core=folders["core"])
    copy = tmp_path / "copy"
    shutil.copytree(folders["core"], copy, symlinks=True)
    (copy / "js" / "other.js").write_text("1", encoding="utf-8")
    after = Assets({"forums": folders["forums"]}, core=copy)
    assert after.url("js/app.js") != before.url("js/app.js")
    assert after.url("p/forums/js/app.js") == before.url("p/forums/js/app.js")


def test_the_accent_is_a_style_sheet_of_its_own() -> None:
    response = Assets().response(path_of(Assets().url("a/ffee00.css")))
    assert "--accent-text: light-dark(" in response.get_data(as_text=True)
    assert response.content_type == "text/css; charset=utf-8"


def test_vendored_files_are_those_of_the_lock() -> None:
    assert vendor.problems() == []


def test_a_changed_vendored_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "vendor"
    shutil.copytree(vendor.VENDOR, copy)
    monkeypatch.setattr(vendor, "VENDOR", copy)
    (copy / "htmx" / "htmx.min.js").write_text("changed", encoding="utf-8")
    (copy / "stray.js").write_text("new", encoding="utf-8")
    (copy / "tinykeys" / "tinykeys.js").unlink()
    assert vendor.problems() == [
        "stray.js is not in the lock",
        "htmx/htmx.min.js differs from its hash",
        "tinykeys/tinykeys.js is missing",
    ]
