"""Rules of the quality scale about what a plugin declares and stores."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

from ecrm_server.cli.quality_subject import Subject
from ecrm_server.data import database, transaction
from ecrm_server.kernel.migrate import History, migrate, revert_all
from ecrm_server.reference.reach import routes

_PEOPLE = ("account", "profile", "customer")
_EXPECTED = ("summary", "core", "author", "licence")


def _tables(subject: Subject) -> list[str]:
    name = subject.manifest.name
    return [
        table
        for table in database.get_tables()
        if table.startswith(f"{name}_") and table != f"{name}_migration"
    ]


def migrations(subject: Subject) -> Iterator[str]:
    """Every migration can be undone, and applied again."""
    history = History(subject.manifest.name, subject.manifest.path / "migrations")
    if not history.folder.is_dir():
        return
    before = sorted(_tables(subject))
    try:
        with transaction():
            revert_all(history)
    except Exception as error:  # whatever a migration raises is the finding
        yield f"Undoing the migrations failed: {type(error).__name__}: {error}."
        return
    if left := _tables(subject):
        yield f"After undoing every migration the table {left[0]} is still there."
    migrate([history])
    if sorted(_tables(subject)) != before:
        yield "Applying the migrations again gives other tables."


def permissions(subject: Subject) -> Iterator[str]:
    """The manifest lists the permissions that the plugin declares, so that an admin reads them before enabling it."""
    declared, listed = set(subject.declared("permissions")), set(subject.manifest.permissions)
    for name in sorted(declared ^ listed):
        fault = "declared but not in plugin.toml" if name in declared else "in plugin.toml but not declared"
        yield f"{name} is {fault}."


def manifest(subject: Subject) -> Iterator[str]:
    """The manifest says what the plugin is, what it runs with and what it offers."""
    for key in _EXPECTED:
        if not getattr(subject.manifest, key):
            yield f"plugin.toml lacks {key}."
    offered, listed = set(subject.declared("services")), set(subject.manifest.provides)
    for name in sorted(offered ^ listed):
        yield f"The service {name} is {'not in provides' if name in offered else 'in provides but not offered'}."


def personal(subject: Subject) -> Iterator[str]:
    """What points at people can be exported and erased, and says how long it is kept."""
    hooks = subject.generation.parts[subject.manifest.name].hooks
    for table in sorted(_tables(subject)):
        for key in database.get_foreign_keys(table):
            for hook in ("export_account", "erase_account", "retention"):
                if key.dest_table in _PEOPLE and hook not in hooks:
                    yield f"{table}.{key.column} points at a person, but there is no hook {hook}."


def readme(subject: Subject) -> Iterator[str]:
    """README.md names what the plugin declares, and says how to remove it."""
    path = subject.manifest.path / "README.md"
    if not path.exists():
        yield "There is no README.md."
        return
    text = path.read_text("utf-8")
    schema = subject.generation.registry.settings_schemas.get(subject.manifest.name)
    settings = [f"{subject.manifest.name}.{name}" for name in schema().fields] if schema is not None else []
    declared = [name for hook in ("permissions", "events", "channels") for name in subject.declared(hook)]
    for name in (*declared, *settings):
        if name not in text:
            yield f"README.md does not mention {name}."
    if not re.search(r"\bpurge\b|\bremove", text, re.IGNORECASE):
        yield "README.md does not say how to remove the plugin."


def routes_tested(subject: Subject) -> Iterator[str]:
    """Every route appears in a test."""
    for path, method, _, part in routes(subject.generation):
        fixed = [piece for piece in re.split(r"<[^>]+>", path) if piece]
        if part == subject.manifest.name and not all(piece in subject.test_text for piece in fixed):
            yield f"No test asks for {method} {path}."


def documented(subject: Subject) -> Iterator[str]:
    """Views, events and services have docstrings: they are the reference."""
    generation, name = subject.generation, subject.manifest.name
    for event in subject.declared("events"):
        if not generation.registry.events[event].__dict__.get("__doc__"):
            yield f"The event {event} has no docstring."
    for service in subject.declared("services"):
        if not inspect.getdoc(generation.registry.services[service][1]):
            yield f"The service {service} has no docstring."
    for endpoint, view in sorted(generation.app.view_functions.items()):
        if generation.app.route_owner.get(endpoint) == name and not inspect.getdoc(view):  # type: ignore[attr-defined]
            yield f"The view {endpoint} has no docstring."
