"""The state of the site and of its plugins: what a generation is built from."""

from __future__ import annotations

import peewee

from ecrm_server.data import MillisField, Model


class SiteState(Model):
    """One row: the number of the generation that every process must serve."""

    id = peewee.IntegerField(primary_key=True)
    generation = peewee.BigIntegerField(default=1)
    set_up_at = MillisField(null=True, default=None)
    """When the first-run wizard was finished."""

    class Meta:
        table_name = "site_state"


class PluginState(Model):
    """Whether a plugin is on, and why not."""

    name = peewee.CharField(max_length=40, primary_key=True)
    enabled = peewee.BooleanField(default=False)
    quarantined = peewee.BooleanField(default=False)
    problem = peewee.TextField(default="")
    """The reason on its card: what went wrong, with the traceback."""
    version = peewee.CharField(max_length=40, default="")
    changed_at = MillisField()
    disabled_at = MillisField(null=True, default=None)
    """Since when it misses events."""

    class Meta:
        table_name = "plugin_state"
