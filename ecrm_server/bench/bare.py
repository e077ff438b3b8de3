"""The yardstick of page speed: Flask and Jinja with nothing else, on the same kind of server as ours.

``python -m ecrm_server.bench.bare PORT BYTES`` serves a page of so many bytes at ``/``.
"""

from __future__ import annotations

import socket
import sys
from typing import Any

from gunicorn.app.base import BaseApplication

POSTS = 20
TEMPLATE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title></head><body>
{% for p in posts %}<article id="p-{{ p['number'] }}"><header><a href="/people/{{ p['author'] }}">{{ p['author'] }}</a>
<time>{{ p['at'] }}</time></header><div>{{ p['body'] }}</div><footer>{{ p['score'] }}</footer></article>
{% endfor %}</body></html>"""


def make_app(body_bytes: int) -> Any:
    """A Flask app whose page has ``body_bytes`` bytes."""
    from flask import Flask, render_template
    from jinja2 import DictLoader

    app = Flask(__name__, static_folder=None)
    app.jinja_loader = DictLoader({"page.html": TEMPLATE})
    posts: list[dict[str, Any]] = [
        {"number": n, "author": f"author{n}", "at": "2026-11-23T10:00:00Z", "body": "", "score": n}
        for n in range(POSTS)
    ]
    with app.app_context():
        empty = len(render_template("page.html", title="A topic", posts=posts))
    text = "A sentence of an ordinary post, neither long nor short. "
    share = max(0, body_bytes - empty) // POSTS
    for post in posts:
        post["body"] = (text * (share // len(text) + 1))[:share]

    @app.get("/")
    def page() -> str:
        return render_template("page.html", title="A topic", posts=posts)

    return app


class BareServer(BaseApplication):
    """Gunicorn with one gevent worker, set up as ``ecrm run`` sets it up."""

    def __init__(self, port: int, body_bytes: int) -> None:
        self._port, self._body_bytes = port, body_bytes
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": f"127.0.0.1:{self._port}", "workers": 1, "worker_class": "gevent", "worker_connections": 4000,
            "keepalive": 75, "loglevel": "warning", "control_socket_disable": True, "post_worker_init": _no_delay,
        }  # fmt: skip
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return make_app(self._body_bytes)


def _no_delay(worker: Any) -> None:
    for listener in worker.sockets:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


if __name__ == "__main__":
    BareServer(int(sys.argv[1]), int(sys.argv[2])).run()
