"""The import rules of the house, each a function from one source file to the sentences it earns.

They read the syntax tree, so they hold for plugins too, which import-linter cannot see, and for imports
inside functions.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from tests.house.sources import Source

ENGINE_MODULES = (
    "sqlite3",
    "psycopg",
    "psycopg_pool",
    "apsw",
    "playhouse.pool",
    "playhouse.sqlite_ext",
    "playhouse.postgres_ext",
)
SOCKET_MODULES = ("socketio", "flask_socketio", "engineio")
OPEN_TO_PLUGINS: tuple[str, ...] = ("ecrm_server.api",)
OPEN_TO_PLUGIN_TESTS = ("ecrm_server.api", "ecrm_server.testing")
OPEN_TO_PLUGIN_BENCHMARKS = ("ecrm_server.api", "ecrm_server.bench")

Rule = Callable[[Source], list[str]]


def imports(source: Source) -> Iterator[tuple[int, str]]:
    """Line and absolute dotted name of everything a module imports; relative imports are made absolute."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(source, node)
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}" if base else alias.name


def _absolute(source: Source, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = source.parts[: len(source.parts) - node.level]
    return ".".join([*package, *([node.module] if node.module else [])])


def _within(name: str, *modules: str) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def _is_core(source: Source) -> bool:
    return source.parts[0] == "ecrm_server"


def _is_plugin(source: Source) -> bool:
    return source.parts[0] == "plugins"


def _offences(source: Source, reason: str, *modules: str) -> list[str]:
    return [
        f"{source.path}:{line}: imports {name}; {reason}"
        for line, name in imports(source)
        if _within(name, *modules)
    ]


def core_knows_no_plugin(source: Source) -> list[str]:
    """`ecrm_server` never imports a plugin."""
    if not _is_core(source):
        return []
    return _offences(source, "the core knows no plugin by name", "plugins", "ecrm_plugins")


def plugins_know_only_the_api(source: Source) -> list[str]:
    """A plugin imports itself (relatively) and, of the server, only its API (its tests: the fixtures too)."""
    if not _is_plugin(source):
        return []
    own = ".".join(source.parts[:2])
    allowed: tuple[str, ...] = OPEN_TO_PLUGINS
    if "tests" in source.parts:
        allowed = OPEN_TO_PLUGIN_TESTS
    elif "bench" in source.parts:
        allowed = OPEN_TO_PLUGIN_BENCHMARKS
    faults = []
    for line, name in imports(source):
        if _within(name, "ecrm_server") and not _within(name, *allowed):
            faults.append(f"{source.path}:{line}: imports {name}; a plugin imports only ecrm_server.api")
        if _within(name, "plugins", "ecrm_plugins") and not _within(name, own):
            faults.append(f"{source.path}:{line}: imports {name}; plugins do not import each other")
    written_out = [
        node.lineno
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and not node.level and _within(node.module or "", own)
    ]
    faults += [f"{source.path}:{line}: imports itself by name; imports inside a plugin are relative"
               for line in written_out]  # fmt: skip
    return faults


def rules_know_no_http(source: Source) -> list[str]:
    """Services and models do not import Flask."""
    if not ({"services", "models"} & set(source.parts)):
        return []
    return _offences(source, "services and models know nothing of HTTP", "flask", "werkzeug")


def views_know_no_database(source: Source) -> list[str]:
    """Views do not import peewee."""
    if "views" not in source.parts:
        return []
    return _offences(source, "views call services", "peewee", "playhouse")


def one_place_patches(source: Source) -> list[str]:
    """Only `ecrm_server/entry.py` monkey-patches."""
    if source.path == "ecrm_server/entry.py":
        return []
    return _offences(source, "only ecrm_server/entry.py monkey-patches", "gevent.monkey")


def only_data_knows_the_engine(source: Source) -> list[str]:
    """Only `data/` and migrations know SQLite and PostgreSQL; the test fixtures create databases too."""
    if (
        source.parts[:2] in {("ecrm_server", "data"), ("ecrm_server", "testing")}
        or "migrations" in source.parts
    ):
        return []
    return _offences(source, "only ecrm_server/data knows the database engine", *ENGINE_MODULES)


def only_realtime_knows_socketio(source: Source) -> list[str]:
    """Only `realtime/` knows Socket.IO."""
    if source.parts[:2] == ("ecrm_server", "realtime"):
        return []
    return _offences(source, "only ecrm_server/realtime knows Socket.IO", *SOCKET_MODULES)


def only_the_kernel_manages_hooks(source: Source) -> list[str]:
    """Only `kernel/` knows pluggy's manager; markers may be imported anywhere in the core."""
    if source.parts[:2] == ("ecrm_server", "kernel"):
        return []
    faults = _offences(
        source, "only ecrm_server/kernel knows the manager", "pluggy.PluginManager", "pluggy._manager"
    )
    faults += [
        f"{source.path}:{node.lineno}: uses pluggy.PluginManager; only ecrm_server/kernel knows the manager"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr == "PluginManager"
    ]
    if _is_plugin(source):
        faults += _offences(source, "a plugin takes its marker from ecrm_server.api", "pluggy")
    return faults


RULES: tuple[Rule, ...] = (
    core_knows_no_plugin,
    plugins_know_only_the_api,
    rules_know_no_http,
    views_know_no_database,
    one_place_patches,
    only_data_knows_the_engine,
    only_realtime_knows_socketio,
    only_the_kernel_manages_hooks,
)
