"""Jinja for all generations: one loader that goes by the first part of a name, one bytecode cache in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import flask
import jinja2
from flask.templating import Environment as FlaskEnvironment
from jinja2.bccache import Bucket

from ecrm_server.kernel.discovery import bundled_folder
from ecrm_server.web.codegen import QuickOutput
from ecrm_server.web.folding import fold, in_ascii
from ecrm_server.web.headers import never_public
from ecrm_server.web.pagecache import SESSION_COOKIE

if TYPE_CHECKING:
    from ecrm_server.web.app import EcrmFlask

CORE_TEMPLATES = Path(__file__).resolve().parents[1] / "templates"


class Environment(FlaskEnvironment):
    """Flask's environment, one for each generation, with what cannot change meanwhile folded into the templates.

    ``foldable``: functions that templates call, by name. ``edition`` tells compiled templates with other results apart.
    """

    code_generator_class = QuickOutput
    foldable: dict[str, Callable[..., Any]]
    edition: str

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals of a template as one dictionary: Jinja's chain of two is copied slowly, at each include."""
        return {**self.globals, **(d or {})}

    def compile(self, source: Any, *args: Any, **kwargs: Any) -> Any:
        """Compile a template's source (or its syntax tree)."""
        if isinstance(source, str):
            name, filename = [*args, None, None][:2]
            source = fold(self.parse(source, name, filename), self.foldable)
            if name and name.endswith(".html"):
                source = in_ascii(source)
        return super().compile(source, *args, **kwargs)


class MemoryBytecode(jinja2.BytecodeCache):
    """Compiled templates kept for the whole process: a swap compiles nothing again."""

    def __init__(self) -> None:
        self._codes: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def get_bucket(self, environment: jinja2.Environment, name: str, filename: str | None, source: str) -> Bucket:
        """The place of a compiled template; what was folded into it belongs to the key."""
        assert isinstance(environment, Environment)
        bucket = Bucket(environment, self.get_cache_key(name, filename), self.get_source_checksum(source))
        bucket.key += environment.edition
        self.load_bytecode(bucket)
        return bucket

    def load_bytecode(self, bucket: Bucket) -> None:
        code = self._codes.get(bucket.key + bucket.checksum)
        if code is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        with self._lock:
            self._codes[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


_bytecode = MemoryBytecode()


class PartLoader(jinja2.BaseLoader):
    """``forums/topic.html`` lies in the plugin forums, ``base.html`` in the core; a theme's file wins."""

    def __init__(self, plugins: dict[str, Path], themes: list[Path]) -> None:
        self._plugins = plugins
        self._themes = themes

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, None]:
        """Find a template; a name that leaves its folder is not found."""
        if ".." in template.split("/"):
            raise jinja2.TemplateNotFound(template)
        for folder in self._folders(template.partition("/")[0]):
            path = folder / template
            if path.is_file():
                return path.read_text(encoding="utf-8"), str(path), None
        raise jinja2.TemplateNotFound(template)

    def _folders(self, first: str) -> list[Path]:
        own = self._plugins.get(first)
        return [*self._themes, own / "templates" if own is not None else CORE_TEMPLATES]


def theme_folder(instance: Path, theme: str) -> Path | None:
    """The folder of a theme: in the instance, else bundled; None when there is no such theme."""
    for root in (instance / "themes", bundled_folder("themes")):
        if theme and (root / theme / "theme.toml").is_file():
            return root / theme
    return None


def environment(app: EcrmFlask) -> Environment:
    """The template environment of one generation."""
    generation = app.generation
    theme = theme_folder(generation.config.instance, str(generation.settings.get("web.theme", "")))
    loader = PartLoader(
        {part.name: part.folder for part in generation.plugins}, [theme / "templates"] if theme else []
    )
    env = Environment(
        app,
        loader=loader,
        autoescape=True,
        auto_reload=False,
        cache_size=-1,
        bytecode_cache=_bytecode,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "ecrm_server.web.fragments.KeptPieces"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.foldable, env.edition = {}, ""
    env.policies["ext.i18n.trimmed"] = True
    env.globals.update(
        url_for=app.url_for, get_flashed_messages=_flashed, request=flask.request, session=flask.session, g=flask.g
    )
    return env


def environment_of(app: EcrmFlask) -> Environment:
    """The template environment of an app."""
    found = app.jinja_env
    assert isinstance(found, Environment)
    return found


def _flashed(**options: object) -> list[tuple[str, str]]:
    """Messages for the next page. Pages of visitors without a session have none: they are shared by everybody."""
    if not flask.g.actor.is_authenticated and SESSION_COOKIE not in flask.request.cookies:
        return []
    found: list[tuple[str, str]] = flask.get_flashed_messages(**options)  # type: ignore[arg-type,assignment]
    if found:
        never_public()
    return found
