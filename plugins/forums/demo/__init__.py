"""The demo company's forums: invented people talking about bicycles, labelled as demo and removable."""
from __future__ import annotations

from .load import load
from .remove import remove

__all__ = ["load", "remove"]
