"""Pictures that visitors upload: judged by what they decode to, written anew without anything else in them.

Decoding runs in a short-lived process under limits of memory, processor time and file size. It costs a tenth of a
second to start; in return a hostile picture ends that process alone, and an honest one of six megapixels, which
takes most of a second, does not hold up every other request of a gevent worker.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

from ecrm_server.storage.accepted import AcceptedImage
from ecrm_server.storage.errors import UploadRefused

__all__ = ["MAX_BYTES", "MAX_PIXELS", "AcceptedImage", "accept_image", "shrink_image", "thumbnail"]

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 25_000_000
PARALLEL = 2
"""Pictures that are decoded at the same time; more uploads wait, so that memory and pages do not."""
_SECONDS = 30
_slots = threading.BoundedSemaphore(PARALLEL)
_ROOT = str(Path(__file__).resolve().parents[2])
_PROGRAM = (
    "import sys; sys.path.insert(0, {root!r}); from ecrm_server.storage.codec_worker import main; main()"
)


def accept_image(data: bytes, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS) -> AcceptedImage:
    """Decode and re-encode an uploaded picture, upright and without metadata.

    PNG, JPEG, GIF and WebP are taken. An animation stays one, in WebP, while all its frames together keep to
    `max_pixels`; else its first frame is kept. Raises UploadRefused with a sentence for the uploader.
    """
    _check_bytes(data, max_bytes)
    return _decoded(data, "reencode", max_pixels, 0)


def shrink_image(data: bytes, size: int, *, max_bytes: int = MAX_BYTES) -> AcceptedImage:
    """An uploaded picture as a WebP of `size` pixels on its longer side at most; raises as `accept_image` does."""
    _check_bytes(data, max_bytes)
    return _decoded(data, "shrink", MAX_PIXELS, size)


def thumbnail(data: bytes, size: int) -> bytes:
    """A WebP of an accepted picture, `size` pixels on its longer side at most; never enlarged."""
    return _decoded(data, "shrink", MAX_PIXELS, size).data


def _check_bytes(data: bytes, max_bytes: int) -> None:
    if not data:
        raise UploadRefused("The file is empty. Choose another one.")
    if len(data) > max_bytes:
        raise UploadRefused(f"The picture is larger than {max_bytes / (1024 * 1024):g} MB. Make it smaller.")


def _decoded(data: bytes, action: str, max_pixels: int, size: int) -> AcceptedImage:
    # -I: neither the environment nor the working folder decides what the process imports.
    command = [sys.executable, "-I", "-c", _PROGRAM.format(root=_ROOT), action, str(max_pixels), str(size)]
    try:
        with _slots:
            done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, check=False, env={})
    except subprocess.TimeoutExpired as error:
        raise UploadRefused(_TOO_COSTLY) from error
    line, _, content = done.stdout.partition(b"\n")
    if done.returncode != 0 or not line:
        raise UploadRefused(_TOO_COSTLY)
    head = json.loads(line)
    if "refused" in head:
        raise UploadRefused(head["refused"])
    return AcceptedImage(data=content, **head)


_TOO_COSTLY = (
    "The picture takes too much memory or time to read. Make it smaller or save it in another format."
)
