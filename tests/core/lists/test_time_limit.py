from __future__ import annotations

import time
from typing import Any

import pytest

from ecrm_server.data import Prepared, TooSlow, database, time_limit, transaction

pytestmark = pytest.mark.usefixtures("both_engines")

ENDLESS = Prepared(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500000000) SELECT COUNT(*) FROM n"
)
ONE = Prepared("SELECT 1")


def test_a_slow_query_is_stopped_and_the_connection_goes_on(site: Any) -> None:
    started = time.monotonic()
    with pytest.raises(TooSlow), time_limit(200):
        ENDLESS.value()
    assert 0.15 < time.monotonic() - started < 2
    assert ONE.value() == 1
    assert not database.in_transaction()


def test_a_quick_query_passes_and_the_limit_ends_with_its_block(site: Any) -> None:
    with time_limit(200):
        assert ONE.value() == 1
    slow = Prepared(ENDLESS.sql.replace("500000000", "1000000"))
    assert slow.value() == 1_000_000


def test_a_transaction_around_it_goes_on(site: Any) -> None:
    with transaction():
        with pytest.raises(TooSlow), time_limit(100):
            ENDLESS.value()
        with time_limit(100):
            ONE.value()
        assert Prepared(ENDLESS.sql.replace("500000000", "1000000")).value() == 1_000_000


def test_other_errors_stay_what_they_are(site: Any) -> None:
    with pytest.raises(Exception, match="no_such_table"), time_limit(100):
        Prepared("SELECT 1 FROM no_such_table").value()
