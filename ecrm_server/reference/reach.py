"""Reference pages of what can be reached and called: permissions, routes, commands, the plugin facade."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import click

from ecrm_server.access import ANYONE, SIGNED_IN
from ecrm_server.kernel.generation import Generation
from ecrm_server.reference.document import Document, code, first_sentence, prose, table
from ecrm_server.web.app import EcrmFlask

_WORDS = {ANYONE: "everybody", SIGNED_IN: "signed in"}


def routes(generation: Generation) -> list[tuple[str, str, str, str]]:
    """(path, method, permission, part) of every route, sorted; HEAD and OPTIONS follow from the others."""
    app = generation.app
    assert isinstance(app, EcrmFlask)
    found = {
        (rule.rule, method, app.needs[rule.endpoint], app.route_owner.get(rule.endpoint, "core"))
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    }
    return sorted(found)


def permissions(generation: Generation) -> Document:
    """Permissions by part, and every route with the one it asks for."""
    registry, all_routes = generation.registry, routes(generation)
    sections = []
    for part in sorted({registry.owner[f"permissions {name}"] for name in registry.permissions}):
        rows = [
            (
                code(item.name),
                prose(item.title),
                ", ".join((*item.default, "admin")),
                ", ".join(code(f"{method} {path}") for path, method, asked, _ in all_routes if asked == item.name),
            )
            for item in registry.permissions.values()
            if registry.owner[f"permissions {item.name}"] == part
        ]
        head = ("Permission", "Allows", "Held at first by", "Routes")
        sections.append(f"### {generation.parts[part].title}\n\n{table(head, rows)}")
    listed = [(code(path), method, _WORDS.get(asked, code(asked)), part) for path, method, asked, part in all_routes]
    return Document(
        "permissions",
        "Permissions and routes",
        "Every route names the permission it asks for; without one the site does not start.",
        "## Permissions\n\n"
        + "\n".join(sections)
        + "\n## Routes\n\n"
        + table(("Path", "Method", "Asks for", "Part"), listed),
    )


def commands(generation: Generation) -> Document:
    """Every command of ``ecrm``, those of plugins included."""
    from ecrm_server.cli.main import BUILT_IN, built_in

    own = {name: built_in(name) for name in BUILT_IN}
    sections = [_command(name, command) for name, command in sorted(_all_commands(own, generation))]
    return Document(
        "commands",
        "Commands",
        "What `ecrm` can do. `--instance FOLDER` or ECRM_INSTANCE names the instance.",
        "\n".join(sections),
    )


def _all_commands(
    own: Mapping[str, click.Command], generation: Generation
) -> Iterator[tuple[str, click.Command]]:
    yield from _walk("ecrm", own)
    for command in generation.registry.commands:
        group = getattr(command, "ecrm_group", None)
        name = " ".join(filter(None, ("ecrm", group, command.name)))
        yield from _walk(name, command.commands) if isinstance(command, click.Group) else iter([(name, command)])


def _walk(prefix: str, commands: Mapping[str, click.Command]) -> Iterator[tuple[str, click.Command]]:
    for name, command in commands.items():
        if isinstance(command, click.Group):
            yield from _walk(f"{prefix} {name}", command.commands)
        else:
            yield f"{prefix} {name}", command


def _command(name: str, command: click.Command) -> str:
    arguments = [item for item in command.params if isinstance(item, click.Argument)]
    usage = " ".join([name, *(str(item.name).upper() + ("..." if item.nargs == -1 else "") for item in arguments)])
    rows = [
        (code(", ".join(item.opts)), prose(item.help or ""))
        for item in command.params
        if isinstance(item, click.Option) and not item.hidden
    ]
    options = f"\n{table(('Option', 'Meaning'), rows)}" if rows else ""
    return f"## `{name}`\n\n```sh\n{usage}\n```\n\n{prose(inspect.cleandoc(command.help or ''))}\n{options}"


def api(generation: Generation) -> Document:
    """Everything that plugins may import."""
    del generation
    from ecrm_server import api as facade

    rows = [(code(name), _kind(value := getattr(facade, name)), _meaning(value)) for name in facade.__all__]
    return Document(
        "api",
        "The facade",
        "What a plugin imports from `ecrm_server.api`, and nothing else of the server.",
        table(("Name", "Is a", "Meaning"), rows),
    )


def _kind(value: Any) -> str:
    if inspect.isclass(value):
        return "class"
    if inspect.ismodule(value):
        return "module"
    return "function" if callable(value) else "value"


def _meaning(value: Any) -> str:
    if isinstance(value, str):
        return code(repr(value))
    if _kind(value) == "value":
        return f"A `{type(value).__name__}`."
    return first_sentence(inspect.getdoc(value))
