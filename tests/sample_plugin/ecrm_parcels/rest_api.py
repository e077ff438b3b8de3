"""The desk for programs, below ``/api/v1/parcels``."""

from __future__ import annotations

from typing import Any

import marshmallow
from marshmallow import fields

from ecrm_server.api import Instant, RestBlueprint, needs

from . import services
from .desk import READ

api = RestBlueprint("parcels", __name__, description="Parcels at the desk")


class ParcelSchema(marshmallow.Schema):
    """A parcel as the API shows it."""

    uid = fields.String()
    code = fields.String()
    announced = fields.Integer()
    created_at = Instant()


@api.route("/arrived")
@api.response(200, ParcelSchema(many=True))
@needs(READ.name)
def arrived() -> list[dict[str, Any]]:
    """The parcels at the desk, newest first."""
    return services.parcels()
