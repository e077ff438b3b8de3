"""The API of one generation and its OpenAPI document, made at the first request for it."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import flask_smorest
import marshmallow
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls
from marshmallow import fields

from ecrm_server import __version__
from ecrm_server.errors import PluginError
from ecrm_server.rest.blueprint import RestBlueprint
from ecrm_server.rest.cursor import Instant

if TYPE_CHECKING:
    from ecrm_server.kernel.part import Part
    from ecrm_server.web.app import EcrmFlask


class ProblemSchema(marshmallow.Schema):
    """Problem details (RFC 9457)."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    errors = fields.Dict()


def _schema_name(schema: Any) -> str:
    """Names carry the plugin, so that two plugins may both have a TopicSchema."""
    cls = resolve_schema_cls(schema)
    if isinstance(cls, list):
        cls = cls[0]
    name = cls.__name__.removesuffix("Schema")
    module = cls.__module__.split(".")
    return f"{module[1].capitalize()}{name}" if module[0] == "ecrm_plugins" else name


class _Api(flask_smorest.Api):
    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Errors are answered by ecrm_server.web.errors, the same way everywhere."""

    def _register_doc_blueprint(self) -> None:
        """The document is served by ecrm_server.rest.views."""


class Rest:
    """The endpoints of one generation."""

    def __init__(self, app: EcrmFlask) -> None:
        self._app = app
        self._blueprints: list[RestBlueprint] = []
        self._document: bytes | None = None
        self._lock = threading.Lock()

    def add(self, part: Part, blueprint: RestBlueprint) -> None:
        """Register a part's endpoints. Raises PluginError when they would lie elsewhere than below its name."""
        if not part.is_core and (not isinstance(blueprint, RestBlueprint) or blueprint.plugin != part.name):
            raise PluginError(f"A plugin's endpoints belong to RestBlueprint('{part.name}', __name__).")
        self._app.register_blueprint(blueprint)
        self._blueprints.append(blueprint)

    def document(self) -> bytes:
        """The OpenAPI 3.1 document as JSON bytes, made once a generation."""
        with self._lock:
            if self._document is None:
                self._document = json.dumps(self._make().spec.to_dict(), ensure_ascii=False).encode()
        return self._document

    def _make(self) -> _Api:
        settings = self._app.generation.settings
        self._app.config.update(
            API_TITLE=settings.get("web.site_name", "eCRM Server"),
            API_VERSION=__version__,
            OPENAPI_VERSION="3.1.0",
        )
        api = _Api(
            self._app,
            spec_kwargs={
                "marshmallow_plugin": MarshmallowPlugin(schema_name_resolver=_schema_name),
                "servers": [{"url": self._app.generation.config.base_url}],
                "security": [{"apiKey": []}],
            },
        )
        api.register_field(Instant, "string", "date-time")
        api.spec.components.security_scheme("apiKey", {"type": "http", "scheme": "bearer"})
        for blueprint in self._blueprints:
            blueprint.register_docs(api, self._app)
        return api
