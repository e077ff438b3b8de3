"""``python -m tests.core.reference.refresh``: write routes.txt anew after a route or permission was meant to change."""

from __future__ import annotations

from ecrm_server.reference.trial import bundled_names, trial
from tests.core.reference.routes import GOLDEN, text

if __name__ == "__main__":
    with trial(bundled_names(GOLDEN.parent)) as generation:
        GOLDEN.write_text(text(generation), encoding="utf-8")
