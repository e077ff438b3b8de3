"""Hostile files through the real upload pages, and how files are given out."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage

from tests.security import people as p
from tests.security.matrix import Caller
from tests.security.world import picture


def _png(width: int, height: int) -> bytes:
    """A picture that says it is so large, in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    lines = zlib.compress(bytes(10_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def _jpeg_that_tells() -> bytes:
    found, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = "CANARYPLACE"
    Image.new("RGB", (30, 30), "red").save(found, "JPEG", exif=exif)
    return found.getvalue()


SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
REFUSED = {
    "drawing.svg": SVG, "drawing.png": SVG, "page.jpg": b"<html><script>alert(1)</script>", "x.zip": b"PK\x03\x04",
    "empty.png": b"", "cut.png": picture()[:40], "huge.png": _png(50_000, 50_000), "wide.png": _png(60_000, 200),
    "x.pHaR": b"<?php system('id');", "text.png": b"GIF89a<script>",
}  # fmt: skip
TAKEN = {
    "../../../../x.png": picture(), "a\\..\\b.png": picture(), "x.pHaR": picture(), "x.svg": picture(kind="GIF"),
    "both.png": picture() + b"<script>alert(1)</script>PK\x03\x04", "place.jpg": _jpeg_that_tells(),
    "\"><img src=x onerror=alert(1)>.png": picture(), "x" * 3000 + ".png": picture(),
}  # fmt: skip


def _upload(caller: Caller, path: str, field: str, name: str, data: bytes) -> tuple[int, str, str]:
    form = {field: FileStorage(io.BytesIO(data), filename=name, content_type="image/png")}
    answer = caller.open("POST", path, caller.headers(p.ADA), p.ADA, form)
    return answer.status_code, answer.text, (answer.json or {}).get("url", "") if answer.is_json else ""


@pytest.mark.parametrize("path,field", [("/forums/upload", "file"), ("/me/picture", "picture")])
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_picture_is_refused(caller: Caller, path: str, field: str, name: str) -> None:
    status, text, _ = _upload(caller, path, field, name, REFUSED[name])
    assert status == 422
    assert "Traceback" not in text
    assert not caller.world.watch.changed()


@pytest.mark.parametrize("name", TAKEN, ids=range(len(TAKEN)))
def test_pictures_are_written_anew_under_a_name_of_ours(caller: Caller, name: str) -> None:
    status, _, url = _upload(caller, "/forums/upload", "file", name, TAKEN[name])
    assert status == 200
    answer = caller.open("GET", url, caller.headers(p.ADA), p.ADA)
    data, headers = answer.data, answer.headers
    others = [
        caller.open("GET", url, caller.headers(who), who).status_code for who in (p.ANON, p.BEA, p.ROOT)
    ]
    caller.world.restore()
    assert others == [404, 404, 404]
    assert url.rpartition(".")[2] in ("png", "jpg", "webp")
    assert headers["Content-Type"] in ("image/png", "image/jpeg", "image/webp")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "private" in headers["Cache-Control"]
    assert "Cookie" in headers["Vary"]
    assert not any(mark in data for mark in (b"<script", b"PK\x03\x04", b"CANARYPLACE"))
    shown = headers["Content-Disposition"]
    assert not any(mark in shown for mark in ("/", "\\", "<", "pHaR", "svg"))


def test_an_export_is_a_download(caller: Caller) -> None:
    answer = caller.open("GET", "/me/data/exports/{export}.zip", caller.headers(p.ADA), p.ADA)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store, private"
