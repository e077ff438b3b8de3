"""Other files that visitors upload: taken by their first bytes, kept as they are, only ever downloaded."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from ecrm_server.storage.errors import UploadRefused

MAX_BYTES = 20 * 1024 * 1024
_OFFICE = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
}
_TEXTS = {
    "txt": "text/plain",
    "csv": "text/csv",
    "log": "text/plain",
    "md": "text/markdown",
    "gpx": "text/plain",
}
_ALLOWED = "Use PDF, TXT, CSV, MD, LOG, GPX, ZIP, GZ, an office document or a picture."
_MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class AcceptedFile:
    """A document fit to be kept; `name` is fit to be shown and offered at a download."""

    data: bytes
    media_type: str
    extension: str
    name: str


def accept_file(name: str, data: bytes, *, max_bytes: int = MAX_BYTES) -> AcceptedFile:
    """Judge a document by its content; the extension only chooses among types of one content.

    Archives are not opened here. Raises UploadRefused with a sentence for the uploader.
    """
    if not data:
        raise UploadRefused("The file is empty. Choose another one.")
    if len(data) > max_bytes:
        raise UploadRefused(f"The file is larger than {max_bytes / (1024 * 1024):g} MB. Make it smaller.")
    shown = clean_name(name)
    extension = shown.rpartition(".")[2].lower() if "." in shown else ""
    kind = _kind(data, extension)
    if kind is None:
        raise UploadRefused(f"Files of this kind are not taken. {_ALLOWED}")
    media_type, extension = kind
    if not shown.lower().endswith(f".{extension}"):
        shown = f"{shown}.{extension}"
    return AcceptedFile(data, media_type, extension, shown)


def clean_name(name: str) -> str:
    """The last part of a path as a file name: no control or direction characters, no separators, no leading dot."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(letter for letter in last if unicodedata.category(letter) not in ("Cc", "Cf", "Cs"))
    tidy = re.sub(r'[<>:"|?*;%]', "_", visible)
    tidy = " ".join(tidy.split()).strip(". ")
    stem, dot, extension = tidy.rpartition(".")
    if dot and len(tidy) > _MAX_NAME and len(extension) <= 8:
        return f"{stem[: _MAX_NAME - len(extension) - 1]}.{extension}"
    return tidy[:_MAX_NAME] or "file"


def _kind(data: bytes, extension: str) -> tuple[str, str] | None:
    """Media type and extension of the content, or None."""
    if data.startswith(b"%PDF-"):
        return "application/pdf", "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return (_OFFICE[extension], extension) if extension in _OFFICE else ("application/zip", "zip")
    if data.startswith(b"\x1f\x8b"):
        return "application/gzip", "gz"
    if extension in _TEXTS and _is_text(data):
        return _TEXTS[extension], extension
    return None


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not re.search(r"[\x00-\x08\x0e-\x1f]", text)
