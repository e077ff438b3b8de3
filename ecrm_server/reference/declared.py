"""Reference pages of what the parts of a generation declare: hooks, events, channels, services, settings."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from typing import Any

from ecrm_server.kernel.generation import Generation
from ecrm_server.reference import hookspec
from ecrm_server.reference.document import Document, code, first_sentence, prose, table

_GROUPS = {
    "web": "Pages, settings and REST",
    "access": "Permissions",
    "data": "Events, services, search and files",
    "realtime": "Live channels",
    "customer": "Customers",
    "rules": "Rules",
    "lists": "Lists",
    "importing": "Imports",
    "jobs": "Jobs and notices",
    "privacy": "Personal data",
    "admin": "Administration",
}


def hooks(generation: Generation) -> Document:
    """Every hook by group, and who implements it."""
    sections, group = [], ""
    for hook in hookspec.hooks():
        if hook.group != group:
            group = hook.group
            sections.append(f"## {_GROUPS[group]}\n")
        sections.append(_hook(hook, generation))
    return Document(
        "hooks",
        "Hooks",
        "What a plugin can implement in its plugin.py, with `from ecrm_server.api import hookimpl`.",
        _HOOKS_INTRO + "\n".join(sections),
    )


_HOOKS_INTRO = """\
*Declaration* hooks are called once, while a generation is built; a raise there leaves the plugin out, with the
reason on its card. *Run-time* hooks are called while the site runs, inside the fence: a raise is counted and that one
result is skipped. *Strict* ones fail closed instead: the raise reaches the caller.

"""


def _hook(hook: hookspec.Hook, generation: Generation) -> str:
    kind = "Declaration" if hook.declaration else "Run time"
    users = [part.name for part in generation.parts.values() if hook.name in part.hooks]
    return (
        f"### `{hook.name}`\n\n```python\n{hook.signature}\n```\n\n"
        f"**{kind}{', strict' if hook.strict else ''}.** Implemented by: "
        f"{', '.join(code(name) for name in sorted(users)) or 'nobody here'}.\n\n"
        f"{prose(hook.text)}\n\n```python\n{hook.example}\n```\n"
    )


def events(generation: Generation) -> Document:
    """Every event with its fields, who emits it and who listens."""
    sections, owner = [], ""
    registry = generation.registry
    for name, event in sorted(registry.events.items(), key=lambda pair: (registry.owner[f"events {pair[0]}"], pair[0])):
        emitter = registry.owner[f"events {name}"]
        if emitter != owner:
            owner = emitter
            sections.append(f"## {generation.parts[owner].title}\n")
        sections.append(_event(name, event, generation))
    return Document(
        "events",
        "Events",
        "Facts that parts tell each other after a change has been committed.",
        "\n".join(sections),
    )


def _event(name: str, event: Any, generation: Generation) -> str:
    hints = typing.get_type_hints(event)
    rows = [
        (code(item.name), code(_type(hints[item.name])), _default(item.default))
        for item in dataclasses.fields(event)
    ]
    listeners = [code(key) for key, item in generation.registry.subscriptions.items() if item.matches(name)]
    rooms = [code(key) for key, channel in generation.registry.channels.items() if name in channel.events]
    return (
        f"### `{name}`\n\n{prose(inspect.getdoc(event) or '')}\n\n"
        f"Version {event.version}, class `{event.__name__}`. "
        f"Heard by: {', '.join(sorted(listeners)) or 'nobody here'}."
        f"{' Pushed to: ' + ', '.join(sorted(rooms)) + '.' if rooms else ''}\n\n"
        + table(("Field", "Type", "Default"), rows)
    )


def _default(value: Any) -> str:
    return "" if value is dataclasses.MISSING else code(repr(value))


def _type(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint).replace("typing.", "")


def channels(generation: Generation) -> Document:
    """Live channels: who may join, what is pushed, what clients may send."""
    sections = []
    for name, channel in sorted(generation.registry.channels.items()):
        messages = [
            (code(item.name), code(item.permission), str(item.rate), ", ".join(map(code, item.schema().fields)))
            for item in channel.messages
        ]
        sections.append(
            f"## `{name}`\n\n{first_sentence(channel.authorise.__doc__)}\n\n"
            f"Declared by `{generation.registry.owner[f'channels {name}']}`. "
            f"Pushes: {', '.join(code(event) for event in sorted(channel.events)) or 'nothing'}. "
            f"{'Tells who is there.' if channel.presence else 'Does not tell who is there.'}\n\n"
            + (table(("Message", "Permission", "In 10 s", "Fields"), messages) if messages else "")
        )
    return Document(
        "channels",
        "Channels",
        "Rooms that pages join as name:ref. A push holds ids only; the page fetches what it may see.",
        "\n".join(sections),
    )


def services(generation: Generation) -> Document:
    """What plugins may ask each other."""
    sections = []
    for name, (owner, function) in sorted(generation.registry.services.items()):
        sections.append(
            f"## `{name}`\n\n```python\n{_signature(function)}\n```\n\nOffered by `{owner}`.\n\n"
            f"{prose(inspect.getdoc(function) or '')}\n"
        )
    return Document(
        "services",
        "Services",
        'Questions between plugins: `ask("name@version", default=..., **arguments)`.',
        "\n".join(sections) or "No part offers a service here.\n",
    )


def _signature(function: Any) -> str:
    signature = inspect.signature(function)
    arguments = ", ".join(str(item).replace("'", "") for item in signature.parameters.values())
    return f"{function.__name__}({arguments}) -> {str(signature.return_annotation).strip(chr(39))}"


def settings(generation: Generation) -> Document:
    """Settings of every part, as their schemas say."""
    sections = []
    for part, schema in sorted(generation.registry.settings_schemas.items()):
        rows = [
            (
                code(f"{part}.{name}"),
                str(field.metadata.get("title", name)),
                code(type(field).__name__.lower()),
                code(repr(field.load_default)),
                prose(str(field.metadata.get("help", ""))),
            )
            for name, field in schema().fields.items()
        ]
        head = ("Name", "Title", "Type", "Default", "Meaning")
        sections.append(f"## {generation.parts[part].title}\n\n{table(head, rows)}")
    return Document(
        "settings",
        "Settings",
        'What administrators change while the site runs. A plugin reads one with `setting("part.name")`.',
        "\n".join(sections),
    )
