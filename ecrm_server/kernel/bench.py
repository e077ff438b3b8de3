"""Benchmarks of the kernel: building a generation, and swapping it under load."""

from __future__ import annotations

import gc
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from ecrm_server.bench import Bench, Case, Figure, Load, LoadResult, at_most, get, machine, reported, run_load
from ecrm_server.bench import Site as ServedSite
from ecrm_server.bench.context import Instance, opened
from ecrm_server.data import database
from ecrm_server.kernel import build, current, snapshot, state
from ecrm_server.kernel.site import Site
from ecrm_server.web.app import EcrmFlask

ROUTES = 220
BUILDS = 15
SWAPS = 200
ROUTES_A_PLUGIN = 15
LOAD_SECONDS = 12.0
EVERY = 2.0

_MANIFEST = """name = "{name}"
title = "{title}"
version = "1.0.0"
summary = "Routes for the benchmark."
core = ">=0"
licence = "Apache-2.0"
"""
_CODE = """from __future__ import annotations

from ecrm_server.api import ANYONE, NavItem, Permission, PluginBlueprint, Slot, hookimpl, needs

PAGES = PluginBlueprint("{name}", __name__)


def _view(number):
    @PAGES.route(f"/page{{number}}/<uid>", endpoint=f"page{{number}}", methods=["GET", "POST"])
    @needs(ANYONE)
    def page(uid):
        return uid


for _number in range({routes}):
    _view(_number)


@hookimpl
def blueprints():
    return [PAGES]


@hookimpl
def permissions():
    return [Permission("{name}.write", "Write", default=("member",))]


@hookimpl
def navigation():
    return [NavItem("{name}", "{title}", "/{name}/page0/x", icon="message")]


@hookimpl
def slots():
    return [Slot("bench.place", lambda **context: "")]
"""


def _instance(bench: Bench) -> Instance:
    """An instance with bundled and generated plugins, about ``ROUTES`` routes in all."""
    instance = bench.instance("swap")
    with opened(instance) as site:
        missing = ROUTES - _routes(site)
    names = [f"bench{number}" for number in range(-(-missing // ROUTES_A_PLUGIN))]
    for name in names:
        routes = min(ROUTES_A_PLUGIN, missing)
        missing -= routes
        _write_plugin(instance.folder / "plugins" / name, name, routes)
    with opened(instance, *names):
        pass
    return instance


def _routes(site: Site) -> int:
    return sum(1 for _ in current.generation().app.url_map.iter_rules())


def _write_plugin(folder: Path, name: str, routes: int) -> None:
    folder.mkdir(parents=True)
    title = name.capitalize()
    (folder / "plugin.toml").write_text(_MANIFEST.format(name=name, title=title), encoding="utf-8")
    (folder / "plugin.py").write_text(_CODE.format(name=name, title=title, routes=routes), encoding="utf-8")


def swap(bench: Bench) -> Iterator[Figure]:
    """Builds and swaps in this process, then swaps of a server under load."""
    instance = _instance(bench)
    site = Site(instance.config())
    site.connect()
    site.open()
    with database.connection_context():
        yield from _in_process(site)
    database.close_all()
    yield from _under_load(instance)


def _in_process(site: Site) -> Iterator[Figure]:
    routes = _routes(site)
    times = [_build_ms(site) for _ in range(BUILDS)]
    best = f"best {min(times):.0f}, worst {max(times):.0f}, with {routes} routes"
    yield at_most("build, CPU", statistics.median(times), "ms", 60, detail=f"median of {BUILDS}; {best}")
    threads = threading.active_count()
    site.client().get("/login")
    first, second = [], []
    for _ in range(SWAPS):
        state.bump()
        site.refresh()
        first.append(_request_ms(site))
        second.append(_request_ms(site))
    gc.unfreeze()  # else an app among the frozen objects would not be counted
    alive = sum(1 for found in gc.get_objects() if type(found) is EcrmFlask)
    yield at_most("apps alive", alive, "", 2, detail=f"after {SWAPS} swaps, each followed by two requests")
    yield at_most("new threads", threading.active_count() - threads, "", 0, detail=f"after {SWAPS} swaps")
    after = statistics.median(first) / statistics.median(second)
    detail = f"of the second, {statistics.median(second):.1f} ms"
    yield reported("first request after a swap", after, "x", detail=detail)


def _build_ms(site: Site) -> float:
    taken = snapshot.take(site.config)
    started = time.process_time()
    build.build(taken, site.breaker.fault)
    spent = (time.process_time() - started) * 1000
    gc.collect()
    return spent


def _request_ms(site: Site) -> float:
    started = time.perf_counter()
    answer = site.client().get("/login")
    assert answer.status_code == 200, answer.status
    return (time.perf_counter() - started) * 1000


def _under_load(instance: Instance) -> Iterator[Figure]:
    with ServedSite(instance, core=machine.server_core()) as server:
        load = Load(server.port, [get("/login")], seconds=LOAD_SECONDS, connections=4)
        result, swaps = _load_with_swaps(instance, load)
    median, worst = result.percentile(50), result.latencies[-1]
    detail = f"{result.answers:,} answers, {swaps} swaps, median {median:.0f}, worst {worst:.0f}"
    yield at_most("99% of requests", result.percentile(99), "ms", 150, detail=detail)
    yield at_most("failed requests", result.failed, "", 0, detail=f"with a swap every {EVERY:.0f} s")


def _load_with_swaps(instance: Instance, load: Load) -> tuple[LoadResult, int]:
    """Load a server while the generation moves every two seconds. Gives the result and the number of swaps."""
    done = threading.Event()
    swaps = 0

    def swap_now_and_then() -> None:
        nonlocal swaps
        while not done.wait(EVERY):
            with database.connection_context():
                state.bump()
            swaps += 1

    site = Site(instance.config())
    site.connect()
    other = threading.Thread(target=swap_now_and_then)
    other.start()
    try:
        return run_load(load), swaps
    finally:
        done.set()
        other.join()
        database.close_all()


CASES = [Case("swap", "Building and swapping generations, idle and under load", swap)]
