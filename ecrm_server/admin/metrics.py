"""Figures for Prometheus at ``/metrics``: for this machine, or whoever holds the token."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterator

from flask import request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from ecrm_server import __version__
from ecrm_server.data import Prepared
from ecrm_server.kernel import current
from ecrm_server.kernel.dispatcher import traffic
from ecrm_server.kernel.site import faults

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_WAITING = Prepared(
    "SELECT count(*) FROM (SELECT 1 FROM event WHERE delivered_at IS NULL LIMIT 10000) AS waiting"
)
_DEAD = Prepared(
    "SELECT count(*) FROM (SELECT 1 FROM event_delivery WHERE state = 'dead' LIMIT 10000) AS dead"
)


class _Figures(Collector):
    """Reads what the process counts anyway; counters are those of the worker that answers."""

    def collect(self) -> Iterator[Metric]:
        requests = CounterMetricFamily("ecrm_requests", "Requests answered by this worker", labels=["status"])
        for status, count in sorted(traffic().items()):
            requests.add_metric([status], count)
        yield requests
        plugin_faults = CounterMetricFamily(
            "ecrm_plugin_faults", "Faults of plugins", labels=["plugin", "where"]
        )
        for (plugin, where), count in sorted(faults().items()):
            plugin_faults.add_metric([plugin, where], count)
        yield plugin_faults
        generation = current.generation()
        yield GaugeMetricFamily("ecrm_generation", "Number of the generation in force", generation.number)
        yield GaugeMetricFamily("ecrm_plugins", "Plugins that work", len(generation.plugins))
        yield GaugeMetricFamily("ecrm_events_waiting", "Events not delivered yet", _WAITING.value())
        yield GaugeMetricFamily("ecrm_deliveries_dead", "Deliveries given up", _DEAD.value())
        info = GaugeMetricFamily("ecrm_info", "The version that runs", labels=["version"])
        info.add_metric([__version__], 1)
        yield info


def answer() -> Response:
    """The figures; NotFound for anybody who is neither on this machine nor holds the token."""
    if not _allowed():
        raise NotFound()
    registry = CollectorRegistry()
    registry.register(_Figures())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE)


def _allowed() -> bool:
    token = current.generation().settings.get("admin.metrics_token", "")
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if token and scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), token.encode()):
        return True
    forwarded = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-Ip"))
    try:
        return not forwarded and ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
