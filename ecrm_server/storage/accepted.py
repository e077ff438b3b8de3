"""What an uploaded picture has become."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AcceptedImage:
    """A picture that was written anew; `width` and `height` in pixels as it is shown."""

    data: bytes
    media_type: str
    extension: str
    width: int
    height: int
