"""Kinds of notices that a part sends."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """A kind a person can switch on and off per channel.

    name: ``<part>.<kind>``. title: as the preferences page shows it. default: channels that are on at first
    (``site`` is the bell; ``mail`` e-mail). required: cannot be switched off (security notices).
    """

    name: str
    title: str
    default: tuple[str, ...] = ("site", "mail")
    required: bool = False
