"""Long tests run short unless ``ECRM_THOROUGH=1`` is set, as before a release."""

from __future__ import annotations

import os

THOROUGH = os.environ.get("ECRM_THOROUGH", "0") not in ("", "0")
