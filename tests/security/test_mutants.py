"""A few permission checks are taken away: the matrix must notice. ``python -m tests.security.mutants`` takes 40."""

from __future__ import annotations

import pytest

from tests.security import mutants
from tests.security.matrix import Caller


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_matrix_notices_a_missing_check(caller: Caller) -> None:
    chosen = mutants.sample(number=8, seed=8)
    assert [mutant.name for mutant in chosen if not mutants.noticed(caller, mutant)] == []


def test_the_checks_that_are_taken_away_exist(caller: Caller) -> None:
    assert len(mutants.guards()) > 100
    for mutant in mutants.services():
        with mutants.applied(caller, mutant):
            pass
