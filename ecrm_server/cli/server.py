"""The processes behind ``ecrm run``: gunicorn with gevent workers, and one job process beside them."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any

import click
from gunicorn.app.base import BaseApplication

from ecrm_server.admin.reload import MASTER_VARIABLE
from ecrm_server.config import Config

log = logging.getLogger(__name__)

GRACE_SECONDS = 10
_WATCHED = frozenset((".html", ".css", ".js", ".toml", ".mo"))


class Server(BaseApplication):
    """Gunicorn, configured from our settings; the app is made in each worker after the fork."""

    def __init__(self, config: Config, options: dict[str, Any]) -> None:
        self.config = config
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from ecrm_server import entry

        config = self.config
        site = entry.make_site(demo=config.demo, safe_mode=config.safe_mode, development=config.development)
        Server.site = site
        return site.dispatcher

    site: Any = None


def serve(config: Config, *, workers: int, reload: bool) -> None:
    """Prepare the instance in a process of its own (so that the parent of the workers stays small), then serve."""
    # Workers and the job process read the same settings from the environment.
    os.environ.update(
        ECRM_INSTANCE=str(config.instance),
        HOST=config.host,
        PORT=str(config.port),
        ECRM_BASE_URL=config.base_url,
        **{MASTER_VARIABLE: str(os.getpid())},
    )
    _prepare(config)
    jobs = JobProcess(config)
    options = {
        "bind": f"[{config.host}]:{config.port}" if ":" in config.host else f"{config.host}:{config.port}",
        "workers": workers,
        "worker_class": "gevent",
        "worker_connections": 4000,
        "graceful_timeout": GRACE_SECONDS,
        "timeout": 60,
        "keepalive": 75,
        "reload": reload,
        "reload_extra_files": watched(config) if reload else [],
        "proc_name": "ecrm",
        "forwarded_allow_ips": "*" if config.trusted_proxies else "",
        "loglevel": "warning",
        "control_socket_disable": True,
        "when_ready": lambda server: _ready(config, server, jobs),
        "worker_int": _stop_worker,
        "worker_exit": lambda server, worker: _stop_worker(worker),
        "on_exit": lambda server: jobs.stop(),
        "on_reload": lambda server: jobs.restart(),
        "post_worker_init": _worker_ready,
    }
    Server(config, options).run()


def watched(config: Config) -> list[str]:
    """Files of plugins that are no Python and yet need a restart: templates, static files, manifests, catalogues."""
    from ecrm_server.kernel.discovery import discover

    folders = [manifest.path for manifest in discover(config.instance).manifests.values()]
    found = [path for folder in folders for path in folder.rglob("*") if path.suffix in _WATCHED]
    return sorted(str(path) for path in found)


def _prepare(config: Config) -> None:
    """Run in a child: peak memory and imports of the first set-up leave with it."""
    command = [sys.executable, "-m", "ecrm_server.cli.prepare_child", str(config.instance)]
    command += ["--demo"] if config.demo else []
    command += ["--safe-mode"] if config.safe_mode else []
    done = subprocess.run(command, check=False)
    if done.returncode != 0:
        raise SystemExit(done.returncode)


def _ready(config: Config, server: Any, jobs: JobProcess) -> None:
    jobs.start()
    click.echo(f"eCRM Server is ready at {config.base_url}")


def _worker_ready(worker: Any) -> None:
    _no_delay(worker)
    threading.Thread(target=_end_sockets, args=(worker,), name="end of sockets", daemon=True).start()


def _end_sockets(worker: Any) -> None:
    """A worker that is told to stop waits for its connections: ask the sockets to reconnect elsewhere at once."""
    from ecrm_server.realtime import server

    while worker.alive:
        time.sleep(0.2)
    server.drain()


def _no_delay(worker: Any) -> None:
    """Small answers on kept-alive connections would otherwise wait 40 ms for the client's acknowledgement."""
    for listener in worker.sockets:
        if listener.family != socket.AF_UNIX:
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _stop_worker(worker: Any) -> None:
    site, Server.site = Server.site, None
    if site is not None:
        site.stop()


class JobProcess:
    """The child that runs jobs; it is started again when it dies, and ends with its parent."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()

    def start(self) -> None:
        """Start the child and a thread that watches it."""
        threading.Thread(target=self._watch, name="job process", daemon=True).start()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            started = time.monotonic()
            self._process = subprocess.Popen(self._command())
            code = self._process.wait()
            if self._stopping.wait(0.5):
                return  # the whole process group was told to stop, and the child was faster
            log.error("the job process ended with %s; it is started again", code)
            self._stopping.wait(0 if time.monotonic() - started > 10 else 2)

    def _command(self) -> list[str]:
        command = [sys.executable, "-m", "ecrm_server.cli", "jobs", "--parent", str(os.getpid())]
        command += ["--demo"] if self._config.demo else []
        command += ["--safe-mode"] if self._config.safe_mode else []
        return command

    def restart(self) -> None:
        """Let the child finish and start it again with the code as it is now."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """Ask the child to finish what it has in hand."""
        self._stopping.set()
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()


def run_jobs(config: Config, parent: int) -> None:
    """The job process itself."""
    from ecrm_server.jobs.worker import run_worker
    from ecrm_server.kernel.site import Site

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if parent:
        threading.Thread(target=_end_with, args=(parent, stop), name="parent", daemon=True).start()
    site = Site(config)
    site.connect()
    site.open()
    run_worker(site, stop)


def _end_with(parent: int, stop: threading.Event) -> None:
    while os.getppid() == parent:
        if stop.wait(1):
            return
    stop.set()
