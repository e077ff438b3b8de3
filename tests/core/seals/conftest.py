from __future__ import annotations

from tests.core.audit.database import db, postgres_db

__all__ = ["db", "postgres_db"]
