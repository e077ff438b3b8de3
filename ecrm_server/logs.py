"""Logging: one JSON object a line for machines, a plain line where a person watches."""

from __future__ import annotations

import json
import logging
import os
import sys

from ecrm_server import clock

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """``{"at", "level", "logger", "message", ...}`` with whatever was given as ``extra``."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": clock.iso(int(record.created * 1000)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update({name: value for name, value in vars(record).items() if name not in _STANDARD})
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def configure() -> None:
    """Write this process's log to standard error; ``ECRM_LOG=json`` or ``plain`` overrules the guess."""
    form = os.environ.get("ECRM_LOG") or ("plain" if sys.stderr.isatty() else "json")
    handler = logging.StreamHandler()
    handler.setFormatter(
        JsonLines() if form == "json" else logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    )
    root = logging.getLogger("ecrm_server")
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    root.propagate = False
