"""Every hook of the product, in groups. The docstrings are the reference at /docs/hooks.

A plugin implements hooks in its ``plugin.py`` with ``@hookimpl``. *Declaration* hooks are called once, while a
generation is built: a raise there leaves the plugin out, with the reason on its card. All other hooks are called
while the site runs, inside the fence.
"""

from __future__ import annotations

import pluggy

PROJECT = "ecrm"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
