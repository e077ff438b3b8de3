"""Fixtures for every test: those the server offers to plugin authors, and what the machine must have."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["ecrm_server.testing", "tests.requirements", "tests.mailserver"]

_COMMON = settings(
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("same", _COMMON, derandomize=True)
settings.register_profile("search", _COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
"""Random examples are the same in each run; ``HYPOTHESIS_PROFILE=search`` draws others, to look for faults."""
