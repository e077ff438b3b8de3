"""Settings that an admin changes while the server runs."""

from __future__ import annotations

import peewee

from ecrm_server.data import JSONText, MillisField, Model


class Setting(Model):
    """One value, ``<part>.<name>``; what is not stored has the default of its schema."""

    name = peewee.CharField(max_length=120, primary_key=True)
    value = JSONText()
    changed_at = MillisField()

    class Meta:
        table_name = "setting"
