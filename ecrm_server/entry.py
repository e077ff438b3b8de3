"""The WSGI entry point for servers that are configured by themselves (``gunicorn wsgi:application``).

Only this module monkey-patches, before anything else is imported. ``ecrm run`` uses it too.
"""

from __future__ import annotations

import sys
from typing import Any

from gevent import monkey

if "peewee" in sys.modules and not monkey.is_module_patched("threading"):
    # Its connections would belong to the process instead of to each greenlet, and requests share transactions.
    raise RuntimeError("peewee was imported before gevent patched the process")
monkey.patch_all()

from ecrm_server import config as _config  # noqa: E402  (nothing may be imported before the patch)
from ecrm_server import logs  # noqa: E402
from ecrm_server.kernel.site import Site  # noqa: E402


def make_site(**overrides: Any) -> Site:
    """Connect, build the first generation and start what runs beside the requests. Once per worker process."""
    logs.configure()
    site = Site(_config.load(**overrides))
    site.connect()
    site.open()
    site.start()
    return site
