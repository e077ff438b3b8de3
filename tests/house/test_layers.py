from __future__ import annotations

import pytest

from tests.house import layers
from tests.house.sources import Source, python_sources


@pytest.mark.parametrize("rule", layers.RULES, ids=lambda rule: rule.__name__)
def test_sources_keep_the_layers(rule: layers.Rule) -> None:
    faults = [fault for source in python_sources("ecrm_server", "plugins") for fault in rule(source)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    "rule, path, text",
    [
        (
            layers.core_knows_no_plugin,
            "ecrm_server/admin/views.py",
            "def f():\n    import ecrm_plugins.forums",
        ),
        (layers.core_knows_no_plugin, "ecrm_server/cli.py", "from plugins.forums import services"),
        (
            layers.plugins_know_only_the_api,
            "plugins/forums/services.py",
            "from ecrm_server.events import emit",
        ),
        (layers.plugins_know_only_the_api, "plugins/forums/views.py", "from ecrm_server.testing import site"),
        (layers.plugins_know_only_the_api, "plugins/forums/views.py", "from ..reviews import services"),
        (layers.plugins_know_only_the_api, "plugins/forums/views.py", "import ecrm_plugins.reviews.models"),
        (layers.plugins_know_only_the_api, "plugins/forums/views.py", "from plugins.forums import services"),
        (layers.rules_know_no_http, "plugins/forums/services/posts.py", "from flask import request"),
        (layers.rules_know_no_http, "ecrm_server/search/models.py", "import flask"),
        (layers.views_know_no_database, "plugins/forums/views.py", "from peewee import fn"),
        (layers.one_place_patches, "ecrm_server/cli.py", "from gevent import monkey"),
        (layers.only_data_knows_the_engine, "ecrm_server/jobs/services.py", "import sqlite3"),
        (
            layers.only_data_knows_the_engine,
            "plugins/forums/models.py",
            "from playhouse.sqlite_ext import FTS5Model",
        ),
        (layers.only_realtime_knows_socketio, "ecrm_server/kernel/dispatcher.py", "import socketio"),
        (layers.only_the_kernel_manages_hooks, "ecrm_server/api.py", "from pluggy import PluginManager"),
        (
            layers.only_the_kernel_manages_hooks,
            "ecrm_server/api.py",
            "import pluggy\npluggy.PluginManager('x')",
        ),
        (
            layers.only_the_kernel_manages_hooks,
            "plugins/forums/plugin.py",
            "from pluggy import HookimplMarker",
        ),
    ],
)
def test_rule_finds_an_offender(rule: layers.Rule, path: str, text: str) -> None:
    assert rule(Source(path, text))


@pytest.mark.parametrize(
    "path, text",
    [
        ("ecrm_server/entry.py", "from gevent import monkey"),
        ("ecrm_server/data/database.py", "import sqlite3, psycopg"),
        ("ecrm_server/hookspecs/web.py", "from pluggy import HookspecMarker"),
        ("ecrm_server/kernel/fence.py", "from pluggy import PluginManager"),
        ("ecrm_server/realtime/server.py", "from flask_socketio import SocketIO"),
        ("plugins/forums/services/posts.py", "from ..models import Post\nfrom ecrm_server.api import emit"),
        ("plugins/forums/tests/test_posts.py", "from ecrm_server.testing import site"),
    ],
)
def test_rules_let_the_allowed_pass(path: str, text: str) -> None:
    assert not [fault for rule in layers.RULES for fault in rule(Source(path, text))]
