"""The demo company's forums: invented people talking about bicycles, labelled as demo and removable."""
from __future__ import annotations

from .load import load
from .remove import describe, remove

__all__ = ["describe", "load", "remove"]
