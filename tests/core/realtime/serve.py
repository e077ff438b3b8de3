"""The site as gunicorn's gevent worker serves it: ``gunicorn -k gevent "tests.core.realtime.serve:application()"``."""

from __future__ import annotations

from typing import Any


def application() -> Any:
    """Open the site that the environment names and give its WSGI callable."""
    from ecrm_server import entry

    return entry.make_site(testing=True).dispatcher
