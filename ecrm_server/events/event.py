"""What an event is, and how a part says that it wants to hear of one."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, dataclass_transform

import marshmallow
from marshmallow import fields

from ecrm_server.errors import PluginError

if TYPE_CHECKING:
    from ecrm_server.events.outbox import Delivered

_FIELDS: dict[Any, type[fields.Field[Any]]] = {
    str: fields.String,
    int: fields.Integer,
    float: fields.Float,
    bool: fields.Boolean,
    list: fields.List,
    dict: fields.Dict,
}


@dataclass_transform(frozen_default=True)
class Event:
    """Base of every event: a fact, in the past tense, with a few plain fields.

    >>> class Replied(Event, name="forums.replied"):
    ...     '''Somebody replied to a topic.'''
    ...     topic: str
    ...     post: str

    Subclasses become frozen dataclasses. Fields are ``str``, ``int``, ``float``, ``bool``, ``list`` or ``dict``,
    each possibly ``| None``. The docstring is what the reference at /docs shows. Raise ``version`` when a field
    changes its meaning; new fields get a default.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    schema: ClassVar[marshmallow.Schema]

    def __init_subclass__(cls, *, name: str, version: int = 1) -> None:
        cls.name = name
        cls.version = version
        dataclass(frozen=True)(cls)
        cls.schema = _schema_of(cls)

    def data(self) -> dict[str, Any]:
        """The fields as a plain dict."""
        return {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}  # type: ignore[arg-type]


def _schema_of(cls: type) -> marshmallow.Schema:
    hints = typing.get_type_hints(cls)
    members: dict[str, fields.Field[Any]] = {}
    for item in dataclasses.fields(cls):
        required = item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
        members[item.name] = _field_of(cls, hints[item.name], required=required)
    return type(f"{cls.__name__}Schema", (marshmallow.Schema,), members)()


def _field_of(cls: type, hint: Any, *, required: bool) -> fields.Field[Any]:
    is_union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    options = [option for option in typing.get_args(hint) if option is not type(None)] if is_union else [hint]
    base = typing.get_origin(options[0]) or options[0]
    if base not in _FIELDS or len(options) > 1:
        raise PluginError(f"{cls.__name__}: an event's field cannot be {hint!r}.")
    allow_none = is_union and type(None) in typing.get_args(hint)
    if base is list:
        return fields.List(fields.Raw(), required=required, allow_none=allow_none)
    return _FIELDS[base](required=required, allow_none=allow_none)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A part's wish to hear of events.

    event: a name, a prefix such as ``forums.*``, or ``*``.
    handler: called as ``handler(delivered)`` inside a transaction that also records the delivery, so its effects
        in our database happen exactly once. It must not wait for anything.
    name: unique within the part; part and name together identify the subscriber for ever.
    missed: what happens to events of the time when the plugin was off: ``skip`` or ``catch_up``.
    imported: whether events of an import are delivered too (never for what mails or calls outside).
    """

    event: str
    handler: Callable[[Delivered], None]
    name: str
    missed: Literal["skip", "catch_up"] = "skip"
    imported: bool = False

    def matches(self, event_name: str) -> bool:
        if self.event.endswith("*"):
            return event_name.startswith(self.event[:-1])
        return event_name == self.event


def on(
    event: str | type[Event],
    *,
    name: str | None = None,
    missed: Literal["skip", "catch_up"] = "skip",
    imported: bool = False,
) -> Callable[[Callable[[Delivered], None]], Callable[[Delivered], None]]:
    """Mark a function in a part's ``subscribers.py``; ``declared(module)`` collects them."""

    def mark(handler: Callable[[Delivered], None]) -> Callable[[Delivered], None]:
        event_name = event if isinstance(event, str) else event.name
        subscription = Subscription(event_name, handler, name or handler.__name__, missed, imported)
        handler.__dict__.setdefault("ecrm_subscriptions", []).append(subscription)
        return handler

    return mark


def declared(module: Any) -> list[Subscription]:
    """Every subscription marked with ``on`` in a module, in the order of the file."""
    found: list[Subscription] = []
    for value in vars(module).values():
        found.extend(getattr(value, "ecrm_subscriptions", ()))
    return found
