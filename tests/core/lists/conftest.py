from __future__ import annotations

from tests.core.rules.conftest import stored

__all__ = ["stored"]
