"""The moderation as other parts use it."""

from __future__ import annotations

from ecrm_server.moderation.appeals import answer, appeal, may_answer
from ecrm_server.moderation.decisions import decide
from ecrm_server.moderation.flags import flag
from ecrm_server.moderation.people import lift, silence, suspend
from ecrm_server.moderation.queue import hold, open_count
from ecrm_server.moderation.queue import page as queue
from ecrm_server.moderation.screening import Screened, screen
from ecrm_server.moderation.undoing import undo

__all__ = [
    "Screened",
    "answer",
    "appeal",
    "decide",
    "flag",
    "hold",
    "lift",
    "may_answer",
    "open_count",
    "queue",
    "screen",
    "silence",
    "suspend",
    "undo",
]
