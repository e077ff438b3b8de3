"""Decoding and writing pictures anew; images.py runs this in a process of its own."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from ecrm_server.storage.accepted import AcceptedImage
from ecrm_server.storage.errors import UploadRefused

# Pillow has one limit for the whole process; here each picture is measured against its own before decoding.
Image.MAX_IMAGE_PIXELS = None
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_MAX_SIDE = 16_383  # WebP's limit
_MAX_FRAMES = 300
_ALLOWED = "Use a PNG, JPEG, GIF or WebP picture."


def reencode(data: bytes, max_pixels: int) -> AcceptedImage:
    """Upright pixels and nothing else of the file. Raises UploadRefused with a sentence for the uploader."""
    with _opened(data) as image:
        _check_size(image, max_pixels)
        try:
            return _encoded(image, max_pixels)
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            raise UploadRefused(f"The picture cannot be read; it may be damaged. {_ALLOWED}") from error


def shrink(data: bytes, size: int, max_pixels: int) -> AcceptedImage:
    """A WebP of `size` pixels on its longer side at most; never enlarged."""
    with _opened(data) as image:
        _check_size(image, max_pixels)
        # JPEG decodes at a fraction of its size, which is most of the time saved.
        image.draft("RGB", (size, size))
        small = _plain(image)
        small.thumbnail((size, size), Image.Resampling.LANCZOS)
        return AcceptedImage(_written(small, "WEBP", quality=80, method=4), "image/webp", "webp", *small.size)


def _opened(data: bytes) -> Image.Image:
    """Reads the header only. The formats are named, so that no other decoder is ever reached."""
    try:
        return Image.open(BytesIO(data), formats=_FORMATS)
    except UnidentifiedImageError as error:
        raise UploadRefused(f"This is no picture that can be shown here. {_ALLOWED}") from error


def _check_size(image: Image.Image, max_pixels: int) -> None:
    width, height = image.size
    if width * height > max_pixels or max(width, height) > _MAX_SIDE:
        millions = max_pixels / 1_000_000
        raise UploadRefused(
            f"The picture has {width} x {height} pixels; {millions:g} million are allowed. Make it smaller."
        )


def _encoded(image: Image.Image, max_pixels: int) -> AcceptedImage:
    frames = getattr(image, "n_frames", 1)
    if 1 < frames <= _MAX_FRAMES and frames * image.width * image.height <= max_pixels:
        return _animated(image, frames)
    upright = _plain(image)
    if image.format == "JPEG":
        data = _written(upright.convert("RGB"), "JPEG", quality=88, optimize=True, progressive=True)
        return AcceptedImage(data, "image/jpeg", "jpg", *upright.size)
    if image.format == "WEBP":
        return AcceptedImage(
            _written(upright, "WEBP", quality=88, method=4), "image/webp", "webp", *upright.size
        )
    return AcceptedImage(_written(upright, "PNG", optimize=False), "image/png", "png", *upright.size)


def _animated(image: Image.Image, frames: int) -> AcceptedImage:
    pictures, durations = [], []
    for index in range(frames):
        image.seek(index)
        durations.append(max(20, int(image.info.get("duration") or 100)))
        pictures.append(_pixels(image.convert("RGBA")))
    data = _written(
        pictures[0],
        "WEBP",
        save_all=True,
        append_images=pictures[1:],
        duration=durations,
        loop=0,
        quality=80,
        method=2,
    )
    return AcceptedImage(data, "image/webp", "webp", *image.size)


def _plain(image: Image.Image) -> Image.Image:
    """The upright pixels in a mode that every writer takes, and nothing of what else the file held."""
    upright = ImageOps.exif_transpose(image)
    has_alpha = "A" in upright.getbands() or "transparency" in upright.info
    return _pixels(upright.convert("RGBA" if has_alpha else "RGB"))


def _pixels(image: Image.Image) -> Image.Image:
    """A copy without `info`, from which writers would take profiles, comments and EXIF."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare


def _written(image: Image.Image, format_name: str, **options: object) -> bytes:
    target = BytesIO()
    image.save(target, format_name, **options)
    return target.getvalue()
