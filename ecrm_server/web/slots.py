"""Places in a page where other parts add fragments, each rendered inside its own fence and timed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

log = logging.getLogger(__name__)

SLOW_SECONDS = 0.2
SLOW_TIMES = 3


_NOTHING = Markup("")


@dataclass(frozen=True, slots=True)
class Slot:
    """A fragment for a named place.

    place: ``customer.panel``, ``page.footer`` and so on; the reference lists the places that exist.
    render: called with the place's context, returns Markup (or an empty string to show nothing).
    """

    place: str
    render: Callable[..., Markup | str]
    permission: str = "*"
    order: int = 50


class SlotBoard:
    """The slots of one generation and their timing; a fragment that is slow three times running is skipped."""

    def __init__(self, on_fault: Callable[[str, str, BaseException], None]) -> None:
        self._slots: dict[str, list[tuple[str, Slot]]] = {}
        self._slow: dict[int, int] = {}
        self._on_fault = on_fault
        self.skipped: dict[str, str] = {}
        """plugin -> sentence for its card."""

    def add(self, part: str, slot: Slot) -> None:
        entries = self._slots.setdefault(slot.place, [])
        entries.append((part, slot))
        entries.sort(key=lambda entry: entry[1].order)

    def render(self, place: str, may: Callable[[str], bool], context: dict[str, Any]) -> Markup:
        """All fragments of a place that the actor may see, in order."""
        slots = self._slots.get(place)
        if not slots:
            return _NOTHING
        return _NOTHING.join(self._one(part, slot, context) for part, slot in slots if may(slot.permission))

    def _one(self, part: str, slot: Slot, context: dict[str, Any]) -> Markup | str:
        if self._slow.get(id(slot), 0) >= SLOW_TIMES:
            return ""
        started = time.perf_counter()
        try:
            return slot.render(**context)
        except Exception as error:  # a fragment must never take the page down
            self._on_fault(part, f"slot {slot.place}", error)
            return ""
        finally:
            self._time(part, slot, time.perf_counter() - started)

    def _time(self, part: str, slot: Slot, seconds: float) -> None:
        if seconds <= SLOW_SECONDS:
            self._slow.pop(id(slot), None)
            return
        times = self._slow[id(slot)] = self._slow.get(id(slot), 0) + 1
        if times == SLOW_TIMES:
            self.skipped[part] = f"Its fragment for {slot.place} took {seconds * 1000:.0f} ms and is left out."
            log.warning("slot skipped", extra={"plugin": part, "slot": slot.place, "seconds": seconds})
