"""The REST API: one blueprint per part below ``/api/v1``, documented by the OpenAPI document made from the code."""

from __future__ import annotations

from ecrm_server.rest.blueprint import RestBlueprint
from ecrm_server.rest.cursor import CursorSchema, Flag, Instant, decode, page

__all__ = ["CursorSchema", "Flag", "Instant", "RestBlueprint", "decode", "page"]
