"""The blueprint of a part's REST endpoints."""

from __future__ import annotations

from typing import Any

import flask_smorest
import marshmallow
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest


class StrictParser(FlaskParser):
    """Unknown fields are refused everywhere, in the query string too."""

    DEFAULT_UNKNOWN_BY_LOCATION = {
        "json": marshmallow.RAISE,
        "query": marshmallow.RAISE,
        "form": marshmallow.RAISE,
        "files": marshmallow.RAISE,
    }

    def load_json(self, req: Any, schema: Any) -> Any:
        """The body as JSON. Raises BadRequest, also for nesting and numbers that Python refuses to read."""
        try:
            return super().load_json(req, schema)
        except (ValueError, RecursionError) as error:
            raise BadRequest("The body is not JSON that this server can read.") from error


class RestBlueprint(flask_smorest.Blueprint):
    """Endpoints below ``/api/v1/<plugin>``, for every generation anew.

    >>> api = RestBlueprint("forums", __name__, description="Topics and posts")
    >>> @api.route("/topics")
    ... @api.arguments(TopicQuery, location="query")
    ... @api.response(200, TopicPage)
    ... @needs("forums.read")
    ... def topics(query): ...
    """

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, plugin: str, import_name: str, *, description: str = "") -> None:
        super().__init__(
            f"{plugin}_api", import_name, url_prefix=f"/api/v1/{plugin}", description=description
        )
        self.plugin = plugin

    def register_docs(self, api: Any, app: Any) -> None:
        """Add this blueprint's endpoints to an OpenAPI document."""
        self.register_views_in_doc(api, app, api.spec, name=self.name, parameters=None)
        api.spec.tag({"name": self.name, "description": self.description})
