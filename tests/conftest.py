"""Fixtures for every test: those the server offers to plugin authors, and what the machine must have."""

from __future__ import annotations

pytest_plugins = ["ecrm_server.testing", "tests.requirements"]
