"""A million customers, made by one statement."""

from __future__ import annotations

from pathlib import Path

from ecrm_server.api import Prepared, clock, transaction
from ecrm_server.bench import Dataset

CUSTOMERS = 1_000_000

_FILL = Prepared(
    "INSERT INTO customer (uid, name, name_key, email, email_key, country, stage, birthday, created_at, updated_at,"
    " version, demo)"
    " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
    " SELECT 'b' || i, 'Customer ' || i, 'customer' || i,"
    " CASE WHEN i % 10 < 8 THEN 'c' || i || '@example.org' END,"
    " CASE WHEN i % 10 < 8 THEN 'c' || i || '@example.org' END,"
    " CASE i % 5 WHEN 0 THEN 'DE' WHEN 1 THEN 'FR' WHEN 2 THEN 'GB' WHEN 3 THEN 'AT' END,"
    " CASE i % 7 WHEN 0 THEN 'lead' WHEN 1 THEN 'lapsed' WHEN 2 THEN 'advocate' ELSE 'customer' END,"
    " CASE WHEN i % 3 < 2 THEN '19' || (50 + i % 50) || '-0' || (1 + i % 9) || '-1' || (i % 10) END,"
    " ? - (i % 1000) * CAST(86400000 AS BIGINT), ? - (i % 400) * CAST(86400000 AS BIGINT), 1, FALSE FROM n"
)
_ANALYSE = Prepared("ANALYZE customer")


def fill() -> None:
    """Always the same customers but for their times, which end now."""
    now = clock.now()
    with transaction():
        _FILL.run(CUSTOMERS, now, now)
    _ANALYSE.run()


DATA = Dataset("segments", ("segments",), fill, Path(__file__))
