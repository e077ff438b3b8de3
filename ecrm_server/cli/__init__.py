"""The ``ecrm`` command."""

from __future__ import annotations

from ecrm_server.cli.main import main

__all__ = ["main"]
