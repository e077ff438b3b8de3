"""``gunicorn -k gevent wsgi:application``: the same server as ``ecrm run``, under a supervisor of your own."""

from __future__ import annotations

from ecrm_server.entry import make_site

site = make_site()
application = site.dispatcher
