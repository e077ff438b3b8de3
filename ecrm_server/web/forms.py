"""Forms drawn from and checked by the same marshmallow schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow
from marshmallow import fields, validate
from werkzeug.datastructures import MultiDict

from ecrm_server.errors import Refusal

IGNORED = ("csrf_token", "website", "next")
"""Fields of the page itself: the token, the honeypot and where to go afterwards."""


def load(
    schema: type[marshmallow.Schema], form: MultiDict[str, str], *, partial: bool = False
) -> dict[str, Any]:
    """Read a submitted form. Unknown fields are refused.

    Raises Refusal with ``errors``: field -> messages. Text is stripped; an unticked checkbox is False.
    """
    instance = schema(unknown=marshmallow.RAISE, partial=partial)
    try:
        return dict(instance.load(_plain(instance, form)))
    except marshmallow.ValidationError as error:
        raise Refusal("Please look at the marked fields.", errors=error.normalized_messages()) from error


def _plain(schema: marshmallow.Schema, form: MultiDict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, field in schema.fields.items():
        if isinstance(field, fields.Boolean):
            values[name] = name in form
        elif isinstance(field, fields.List):
            values[name] = [item.strip() for item in form.getlist(name) if item.strip()]
        elif name in form:
            text = form[name].strip()
            if text or isinstance(field, fields.String):
                values[name] = text
            elif field.allow_none:
                values[name] = None
    unknown = {name: form[name] for name in form if name not in schema.fields and name not in IGNORED}
    return values | unknown


def describe(
    schema: type[marshmallow.Schema], values: Mapping[str, Any], errors: Mapping[str, list[str]] | None = None
) -> list[dict[str, Any]]:
    """The fields of a form as ``ui.field`` draws them: name, label, help, type, value, choices, errors, limits."""
    return [
        _describe_one(name, field, values.get(name), (errors or {}).get(name, []))
        for name, field in schema().fields.items()
    ]


def _describe_one(name: str, field: fields.Field[Any], value: Any, errors: list[str]) -> dict[str, Any]:
    choices = _validator(field, validate.OneOf)
    length = _validator(field, validate.Length)
    limits = _validator(field, validate.Range)
    return {
        "name": name,
        "label": field.metadata.get("title", name.replace("_", " ").capitalize()),
        "help": field.metadata.get("help", ""),
        "type": field.metadata.get("widget") or _widget(field, choices is not None),
        "value": "" if value is None else value,
        "choices": list(zip(choices.choices, choices.labels or choices.choices, strict=False))
        if choices
        else [],
        "required": field.required,
        "maxlength": length.max if length else None,
        "min": limits.min if limits else None,
        "max": limits.max if limits else None,
        "errors": errors,
    }


def _widget(field: fields.Field[Any], has_choices: bool) -> str:
    if has_choices:
        return "select"
    if isinstance(field, fields.Boolean):
        return "switch"
    if isinstance(field, fields.Integer | fields.Float):
        return "number"
    if isinstance(field, fields.Email):
        return "email"
    return "text"


def _validator(field: fields.Field[Any], kind: type[Any]) -> Any:
    return next((item for item in field.validators if isinstance(item, kind)), None)
