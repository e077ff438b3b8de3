from __future__ import annotations

import pytest

from ecrm_server.storage.documents import accept_file, clean_name
from ecrm_server.storage.errors import UploadRefused
from ecrm_server.storage.serving import headers_for


@pytest.mark.parametrize(
    "name,data,media_type,shown",
    [
        ("a.pdf", b"%PDF-1.7 x", "application/pdf", "a.pdf"),
        ("a.zip", b"PK\x03\x04x", "application/zip", "a.zip"),
        ("a.ods", b"PK\x03\x04x", "application/vnd.oasis.opendocument.spreadsheet", "a.ods"),
        ("a.csv", "a;ü".encode(), "text/csv", "a.csv"),
        ("invoice.html", b"%PDF-1.7 x", "application/pdf", "invoice.html.pdf"),
        ("shell.pHaR", b"PK\x03\x04x", "application/zip", "shell.pHaR.zip"),
        ("notes.txt", b"<script>alert(1)</script>", "text/plain", "notes.txt"),
    ],
)
def test_documents_are_taken_by_their_content(name: str, data: bytes, media_type: str, shown: str) -> None:
    accepted = accept_file(name, data)
    assert (accepted.media_type, accepted.name, accepted.data) == (media_type, shown, data)


@pytest.mark.parametrize(
    "name,data",
    [
        ("a.html", b"<html>"),
        ("a.svg", b"<svg/>"),
        ("a.exe", b"MZ\x90"),
        ("a.pHaR", b"<?php"),
        ("a.pdf", b"<html>"),
        ("a.txt", b"\xff\xfe\x00"),
        ("a.csv", b"a\x00b"),
        ("a.jpg", b"<html>"),
        ("noname", b"text"),
        ("a.txt", b""),
    ],
)
def test_other_files_are_refused_with_a_sentence(name: str, data: bytes) -> None:
    with pytest.raises(UploadRefused, match=r"\.$"):
        accept_file(name, data)


@pytest.mark.parametrize(
    "name,clean",
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.txt", "a.txt"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie_ x.txt"),
        ("gpj\u202egnp.exe", "gpjgnp.exe"),
        (".htaccess", "htaccess"),
        ("", "file"),
        ("...", "file"),
        ("x" * 300 + ".csv", "x" * 96 + ".csv"),
    ],
)
def test_names_are_fit_to_be_shown(name: str, clean: str) -> None:
    assert clean_name(name) == clean


@pytest.mark.parametrize(
    "media_type", ["text/html", "image/svg+xml", "application/pdf", "text/plain", "image/gif"]
)
def test_only_our_pictures_are_ever_shown_inline(media_type: str) -> None:
    assert headers_for(media_type, "a", inline=True)["Content-Disposition"].startswith("attachment")
    assert headers_for("image/webp", "a", inline=True)["Content-Disposition"].startswith("inline")


def test_every_file_is_served_without_sniffing_and_in_a_sandbox() -> None:
    headers = headers_for("application/pdf", "a.pdf", inline=False)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]


def test_file_names_cannot_leave_their_header() -> None:
    value = headers_for("application/pdf", 'a"; x=y\r\nZ: 1ü.pdf', inline=False)["Content-Disposition"]
    assert value == "attachment; filename=\"a__ x=yZ_ 1_.pdf\"; filename*=UTF-8''a__%20x%3DyZ_%201%C3%BC.pdf"
