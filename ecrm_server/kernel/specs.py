"""The hook specifications as pluggy knows them, and which of them are strict or declarations."""

from __future__ import annotations

import functools
import importlib
import types

import pluggy

from ecrm_server.hookspecs import PROJECT

GROUPS = (
    "web",
    "access",
    "data",
    "realtime",
    "customer",
    "rules",
    "lists",
    "importing",
    "jobs",
    "privacy",
    "admin",
)
STRICT_HOOKS = frozenset(
    {
        "may",
        "export_account",
        "erase_account",
        "remove_demo",
        "customers_merged",
        "customers_unmerged",
        "organisations_merged",
        "organisations_unmerged",
    }
)
"""Hooks whose faults pass through: they fail closed instead of being skipped."""


@functools.cache
def groups() -> dict[str, types.ModuleType]:
    """Group -> module of hook specifications."""
    return {name: importlib.import_module(f"ecrm_server.hookspecs.{name}") for name in GROUPS}


def add_specs(manager: pluggy.PluginManager) -> None:
    """Add every group to a plugin manager."""
    for module in groups().values():
        manager.add_hookspecs(module)


@functools.cache
def hook_names() -> frozenset[str]:
    """The names of every documented hook."""
    manager = pluggy.PluginManager(PROJECT)
    add_specs(manager)
    return frozenset(name for name in vars(manager.hook) if not name.startswith("_"))
