"""The table of parcels."""

from __future__ import annotations

import peewee

from ecrm_server.api import MillisField, Model, UidField


class Parcel(Model):
    """A parcel that lies at the desk."""

    uid = UidField()
    code = peewee.CharField(max_length=40)
    announced = peewee.IntegerField(default=0)
    created_at = MillisField()

    class Meta:
        table_name = "parcels_parcel"
