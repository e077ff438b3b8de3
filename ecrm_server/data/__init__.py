"""The database: connection, model base, transactions, prepared statements. Only this package knows the engine."""

from __future__ import annotations

from ecrm_server.data.database import UNAVAILABLE, connect, database, is_away, is_postgres, transaction
from ecrm_server.data.limit import TooSlow, time_limit
from ecrm_server.data.model import JSONText, MillisField, Model, UidField
from ecrm_server.data.prepared import Prepared
from ecrm_server.data.reading import reading_only

__all__ = [
    "UNAVAILABLE",
    "JSONText",
    "MillisField",
    "Model",
    "Prepared",
    "TooSlow",
    "UidField",
    "connect",
    "database",
    "is_away",
    "is_postgres",
    "reading_only",
    "time_limit",
    "transaction",
]
