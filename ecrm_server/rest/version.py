"""Two editors of one object: its version as ``ETag``, and what was read as ``If-Match`` or in the body."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import request
from marshmallow import fields, validate

from ecrm_server.errors import Conflict, Refusal

_TAG = re.compile(r'(?:W/)?"(\d{1,9})"')

Answer = tuple[dict[str, Any], int, dict[str, str]]


class PreconditionFailed(Conflict):
    """The object is not of the version that ``If-Match`` names."""

    status = 412


def version_field(**more: Any) -> fields.Integer:
    """The field of a body that changes something."""
    return fields.Integer(
        load_default=None, allow_none=True, validate=validate.Range(0, 2**31 - 1),
        metadata={"description": "The one that was read; `If-Match` does the same.", "example": 3}, **more,
    )  # fmt: skip


def tagged(body: dict[str, Any], status: int = 200) -> Answer:
    """An answer with the version of its object as ``ETag``."""
    return body, status, {"ETag": f'"{body["version"]}"'}


@contextmanager
def unless_changed(values: dict[str, Any]) -> Iterator[int | None]:
    """The version that a program read, taken out of the body; None when it names none.

    A change by somebody else since is answered with 412 where ``If-Match`` named the version, with 409 otherwise.
    """
    wanted, header = values.pop("version", None), request.headers.get("If-Match", "*").strip()
    if header != "*":
        found = _TAG.fullmatch(header)
        if found is None:
            raise Refusal('If-Match holds the ETag that was read, such as "3".', field="If-Match")
        wanted = int(found[1])
    try:
        yield wanted
    except Conflict as error:
        if header != "*" and error.field is None:
            raise PreconditionFailed(error.message) from error
        raise
