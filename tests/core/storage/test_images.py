from __future__ import annotations

import struct
import subprocess
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from ecrm_server.storage import images
from ecrm_server.storage.errors import UploadRefused
from ecrm_server.storage.images import accept_image, thumbnail

MARK = b"<script>alert(1)</script>"


def picture(
    format_name: str, size: tuple[int, int] = (40, 20), mode: str = "RGB", **options: object
) -> bytes:
    target = BytesIO()
    Image.new(mode, size, "red").save(target, format_name, **options)
    return target.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A tiny file whose header promises many pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    "format_name,media_type",
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("GIF", "image/png")],
)
def test_pictures_are_taken_by_their_content(format_name: str, media_type: str) -> None:
    accepted = accept_image(picture(format_name))
    assert (accepted.media_type, accepted.width, accepted.height) == (media_type, 40, 20)
    with Image.open(BytesIO(accepted.data)) as again:
        assert again.size == (40, 20)
        assert Image.MIME[again.format or ""] == media_type


def test_place_and_camera_are_removed_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    data = picture("JPEG", exif=exif.tobytes(), comment=b"SecretComment")
    assert b"SecretCamera" in data
    accepted = accept_image(data)
    assert (accepted.width, accepted.height) == (20, 40)
    assert b"Secret" not in accepted.data
    with Image.open(BytesIO(accepted.data)) as again:
        assert not again.getexif()


@pytest.mark.parametrize("format_name", ["PNG", "JPEG", "WEBP", "GIF"])
def test_what_trails_a_picture_is_removed(format_name: str) -> None:
    data = picture(format_name) + MARK + b"PK\x03\x04"
    assert MARK not in accept_image(data).data


def test_text_inside_a_png_is_removed() -> None:
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Comment", MARK.decode())
    assert MARK in picture("PNG", pnginfo=notes)
    assert MARK not in accept_image(picture("PNG", pnginfo=notes)).data


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script></html>",
        b"GIF89a" + MARK,
        b"\xff\xd8\xff\xe0" + MARK,
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x10\0\0\0WEBPVP8 ",
        b"%PDF-1.7",
        b"",
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(UploadRefused, match=r"\.$"):
        accept_image(data)


@pytest.mark.parametrize("format_name", ["BMP", "TIFF", "ICO", "PPM", "TGA"])
def test_other_formats_are_refused_though_they_could_be_decoded(format_name: str) -> None:
    with pytest.raises(UploadRefused, match="PNG, JPEG, GIF or WebP"):
        accept_image(picture(format_name))


def test_a_cut_off_picture_is_refused() -> None:
    data = picture("JPEG", (800, 800))
    with pytest.raises(UploadRefused, match="damaged"):
        accept_image(data[: len(data) // 2])


@pytest.mark.parametrize("width,height", [(50_000, 50_000), (60_000, 2), (5_001, 5_000)])
def test_too_many_pixels_are_refused_before_any_is_decoded(width: int, height: int) -> None:
    with pytest.raises(UploadRefused, match=f"{width} x {height}"):
        accept_image(png_claiming(width, height))


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(UploadRefused, match="larger than"):
        accept_image(picture("PNG") + b"\0" * 2000, max_bytes=1024)


def test_a_short_animation_stays_one_and_a_huge_one_becomes_its_first_frame() -> None:
    frames = [Image.new("RGB", (40, 20), color) for color in ("red", "green", "blue")]
    target = BytesIO()
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:], duration=80)
    moving = accept_image(target.getvalue())
    with Image.open(BytesIO(moving.data)) as again:
        assert (moving.media_type, getattr(again, "n_frames", 1)) == ("image/webp", 3)
    assert accept_image(target.getvalue(), max_pixels=1_000).media_type == "image/png"


def test_transparency_is_kept() -> None:
    data = BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(data, "PNG")
    with Image.open(BytesIO(accept_image(data.getvalue()).data)) as again:
        assert again.getpixel((1, 1)) == (255, 0, 0, 0)


def test_a_thumbnail_is_small_webp_and_never_larger_than_the_picture() -> None:
    with Image.open(BytesIO(thumbnail(picture("JPEG", (900, 300)), 320))) as small:
        assert (small.format, small.size) == ("WEBP", (320, 107))
    with Image.open(BytesIO(thumbnail(picture("PNG"), 320))) as small:
        assert small.size == (40, 20)


def test_many_uploads_at_once_are_decoded_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once: list[int] = []
    lock, running, run = threading.Lock(), 0, subprocess.run

    def counted(*args: Any, **options: Any) -> Any:
        nonlocal running
        with lock:
            running += 1
            at_once.append(running)
        try:
            return run(*args, **options)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(images.subprocess, "run", counted)
    with ThreadPoolExecutor(8) as pool:
        accepted = list(pool.map(accept_image, [picture("PNG")] * 8))
    assert len(accepted) == len(at_once) == 8
    assert max(at_once) <= images.PARALLEL
