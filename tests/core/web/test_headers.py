from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.wrappers import Response

from ecrm_server.web.headers import PRIVATE, public_cache, secure


def answer(
    view: Callable[[], Response], *, signed_in: bool = False, url: str = "http://localhost:8000"
) -> Response:
    app = Flask("headers")
    app.add_url_rule("/", view_func=view, endpoint="view")
    app.after_request(lambda response: secure(response, signed_in=signed_in))
    return app.test_client().get("/", base_url=url)


def plain() -> Response:
    return Response("text")


def public() -> Response:
    public_cache(60)
    return Response("text")


def test_a_page_loads_only_from_its_own_site() -> None:
    policy = answer(plain).headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert (
        rules["default-src"] == rules["script-src"] == rules["style-src"] == rules["form-action"] == "'self'"
    )
    assert rules["img-src"] == "'self' data:"
    assert rules["object-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["connect-src"] == "'self' ws://localhost:8000"


def test_an_encrypted_page_allows_the_encrypted_socket_and_stays_encrypted() -> None:
    headers = answer(plain, url="https://crm.example").headers
    assert "connect-src 'self' wss://crm.example;" in headers["Content-Security-Policy"]
    assert "max-age=" in headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in answer(plain).headers


def test_pages_are_private_unless_the_view_opts_in() -> None:
    assert answer(plain).headers["Cache-Control"] == PRIVATE
    opened = answer(public)
    assert opened.headers["Cache-Control"] == "public, max-age=60"
    assert "Cookie" in opened.headers["Vary"]


def with_cookie() -> Response:
    public_cache(60)
    response = Response("text")
    response.set_cookie("session", "x")
    return response


def failing() -> Response:
    public_cache(60)
    return Response("text", status=404)


@pytest.mark.parametrize(
    "view, signed_in",
    [(public, True), (with_cookie, False), (failing, False)],
    ids=["member", "cookie", "error"],
)
def test_what_is_personal_or_wrong_is_never_kept(view: Callable[[], Response], signed_in: bool) -> None:
    assert answer(view, signed_in=signed_in).headers["Cache-Control"] == PRIVATE


def test_headers_of_the_view_stay() -> None:
    def sandboxed() -> Response:
        return Response(
            "file", headers={"Content-Security-Policy": "sandbox", "Cache-Control": "public, max-age=5"}
        )

    headers = answer(sandboxed).headers
    assert headers["Content-Security-Policy"] == "sandbox"
    assert headers["Cache-Control"] == "public, max-age=5"


def test_the_other_headers_are_there() -> None:
    headers = answer(plain).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
