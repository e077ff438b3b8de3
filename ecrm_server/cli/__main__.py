"""``python -m ecrm_server.cli``."""

from __future__ import annotations

from ecrm_server.cli.main import main

main()
