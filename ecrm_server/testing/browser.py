"""A visitor of the test's site, without a browser."""

from __future__ import annotations

from typing import Any

from werkzeug.test import Client, TestResponse

from ecrm_server.kernel.site import Site


class Browser:
    """A visitor: a test client that keeps cookies, sends the CSRF token by itself and speaks of its account."""

    def __init__(self, site: Site, account: Any = None) -> None:
        self.site = site
        self.account = account
        self.client = Client(site.dispatcher)

    def get(self, path: str, **options: Any) -> TestResponse:
        """GET a path."""
        return self.client.get(path, **self._with_origin(options))

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """POST a form (or ``json=``) with the CSRF token that the pages carry."""
        return self._write("POST", path, data, options)

    def put(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """PUT."""
        return self._write("PUT", path, data, options)

    def delete(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """DELETE."""
        return self._write("DELETE", path, data, options)

    def _write(
        self, method: str, path: str, form: dict[str, Any] | None, options: dict[str, Any]
    ) -> TestResponse:
        options = self._with_origin(options)
        token = self.csrf_token() if self.account is not None else ""
        if token:
            options["headers"].setdefault("X-CSRFToken", token)
        return self.client.open(path, method=method, data=form, **options)

    def _with_origin(self, options: dict[str, Any]) -> dict[str, Any]:
        headers = dict(options.pop("headers", None) or {})
        options.setdefault("base_url", self.site.config.base_url)
        return {**options, "headers": headers}

    def csrf_token(self) -> str:
        """The token in the head of every signed-in page."""
        text = self.get("/me").text
        _, _, rest = text.partition('name="csrf-token" content="')
        return rest.partition('"')[0]
