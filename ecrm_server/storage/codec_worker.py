"""The process that decodes one picture under limits: `main` reads it from standard input.

Standard output gets one line of JSON, then the bytes of the picture. Arguments: "reencode" or "shrink", the
allowed pixels, and the size of a thumbnail.
"""

from __future__ import annotations

import json
import resource
import sys

MEMORY = 1_200 * 1024 * 1024
CPU_SECONDS = 15


def main() -> None:
    """Decode under limits and answer; never raises."""
    _limit()
    # Loaded after the limits: the libraries that read hostile bytes must live under them too.
    from ecrm_server.storage.codec import reencode, shrink
    from ecrm_server.storage.errors import UploadRefused

    action, max_pixels, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    data = sys.stdin.buffer.read()
    try:
        made = reencode(data, max_pixels) if action == "reencode" else shrink(data, size, max_pixels)
    except UploadRefused as refused:
        _answer({"refused": refused.message}, b"")
        return
    _answer(
        {
            "media_type": made.media_type,
            "extension": made.extension,
            "width": made.width,
            "height": made.height,
        },
        made.data,
    )


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(head: dict[str, object], data: bytes) -> None:
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + data)
    sys.stdout.buffer.flush()
