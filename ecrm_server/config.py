"""Settings of the process: ``instance/ecrm.toml``, overridden by environment variables.

Settings that an admin changes while the server runs are not here but in :mod:`ecrm_server.settings`.
"""

from __future__ import annotations

import os
import re
import secrets
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ecrm_server.errors import ConfigError

DEFAULT_PORT = 8000

# setting in ecrm.toml -> environment variable that overrides it
ENVIRONMENT = {
    "database_url": "DATABASE_URL",
    "redis_url": "REDIS_URL",
    "host": "HOST",
    "port": "PORT",
    "secret_key": "ECRM_SECRET_KEY",
    "base_url": "ECRM_BASE_URL",
    "smtp_url": "SMTP_URL",
    "imap_url": "IMAP_URL",
    "trusted_proxies": "ECRM_TRUSTED_PROXIES",
    "mail_from": "ECRM_MAIL_FROM",
    "pseudo_locales": "ECRM_PSEUDO_LOCALES",
}


@dataclass(frozen=True, slots=True)
class Config:
    """Everything the process must know before it can open the database."""

    instance: Path
    database_url: str = ""
    redis_url: str = ""
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    secret_key: str = field(default="", repr=False)
    base_url: str = ""
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    imap_url: str = field(default="", repr=False)
    """The mailbox in which answers to our mails arrive."""
    trusted_proxies: int = 0
    """How many proxies in front append to X-Forwarded-For; 0 means none is believed."""
    demo: bool = False
    safe_mode: bool = False
    testing: bool = False
    development: bool = False
    """Show plugin, place and trace of an error to whoever asked for the page."""
    pseudo_locales: bool = False
    """Offer the accented (en_XA) and the right-to-left (ar_XB) pseudo-locale."""

    @property
    def is_postgres(self) -> bool:
        return self.database_url.startswith("postgres")

    @property
    def is_loopback(self) -> bool:
        """Whether the site's own address is this machine's: what demo conveniences insist on."""
        return urlsplit(self.base_url).hostname in {"localhost", "127.0.0.1", "::1"}


def load(
    instance: str | Path | None = None, environ: Mapping[str, str] | None = None, **overrides: Any
) -> Config:
    """Read the settings of an instance folder.

    Order of precedence: ``overrides``, environment, ``ecrm.toml``, defaults.
    Raises ConfigError naming the file, line and allowed values of what is wrong.
    """
    env = os.environ if environ is None else environ
    folder = Path(instance or env.get("ECRM_INSTANCE") or "instance").absolute()
    values = _read_file(folder / "ecrm.toml")
    for name, variable in ENVIRONMENT.items():
        if env.get(variable):
            values[name] = _typed(name, env[variable], variable)
    values.update(overrides)
    return _complete(folder, values)


def is_instance(folder: Path) -> bool:
    """Whether a folder holds an instance already: its database, or settings that name one elsewhere."""
    return any((folder / name).exists() for name in ("ecrm.db", "ecrm.toml")) or bool(
        os.environ.get("DATABASE_URL")
    )


def _read_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    text = path.read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error
    for name, value in data.items():
        if name not in ENVIRONMENT:
            allowed = ", ".join(sorted(ENVIRONMENT))
            raise ConfigError(
                f"{path}, line {_line_of(text, name)}: unknown setting '{name}'. Allowed: {allowed}."
            )
        data[name] = _typed(name, value, f"{path}, line {_line_of(text, name)}: {name}")
    return data


def _line_of(text: str, name: str) -> int:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.split("=")[0].strip(" []\"'") == name:
            return number
    return 1


def _typed(name: str, value: Any, where: str) -> Any:
    if name == "port":
        if not str(value).isdigit() or not 0 < int(value) < 65536:
            raise ConfigError(f"{where} is '{value}', but a port is a number from 1 to 65535.")
        return int(value)
    if name == "trusted_proxies":
        if not str(value).isdigit():
            raise ConfigError(f"{where} is '{value}', but it counts the proxies in front: 0, 1, 2 and so on.")
        return int(value)
    if name == "pseudo_locales":
        if str(value).lower() not in ("true", "false", "1", "0"):
            raise ConfigError(f"{where} is '{value}', but it is true or false.")
        return str(value).lower() in ("true", "1")
    if not isinstance(value, str):
        raise ConfigError(f"{where} is {value!r}, but it must be text in quotes.")
    _check_url(name, value, where)
    return value


SCHEMES = {
    "database_url": ("sqlite", "postgresql"),
    "redis_url": ("redis", "rediss", "unix"),
    "base_url": ("http", "https"),
    "smtp_url": ("smtp", "smtps"),
    "imap_url": ("imap", "imaps"),
}
_PASSWORD = re.compile(r"(://[^/]*):[^/]*@")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def _check_url(name: str, value: str, where: str) -> None:
    allowed = SCHEMES.get(name)
    if allowed and urlsplit(value).scheme not in allowed:
        shapes = " or ".join(f"{scheme}://" for scheme in allowed)
        shown = _PASSWORD.sub(r"\1:...@", value)
        raise ConfigError(f"{where} is '{shown}', but it must begin with {shapes}.")
    if name == "imap_url":
        _check_mailbox(value, where)


def _check_mailbox(value: str, where: str) -> None:
    """A mailbox needs a host, a login and a password. The sentence does not repeat what may hold the password."""
    try:
        parts = urlsplit(value)
        whole = bool(parts.hostname and parts.username and parts.password and parts.port != 0)
    except ValueError:  # a port that is no number
        whole = False
    if not whole or _CONTROL.search(unquote(value)):
        raise ConfigError(
            f"{where} names no mailbox. It should look like imaps://login:password@mail.example.org/INBOX,"
            " with %40 for an @ in the login."
        )


def _complete(folder: Path, values: dict[str, Any]) -> Config:
    known = {item.name for item in fields(Config)}
    unknown = set(values) - known
    if unknown:
        raise ConfigError(f"Unknown setting {sorted(unknown)[0]!r}. Allowed: {', '.join(sorted(known))}.")
    values.setdefault("database_url", f"sqlite:///{folder / 'ecrm.db'}")
    values.setdefault("port", DEFAULT_PORT)
    values.setdefault("base_url", f"http://localhost:{values['port']}")
    values["base_url"] = values["base_url"].rstrip("/")
    if not values.get("secret_key"):
        values["secret_key"] = _stored_secret(folder)
    return Config(instance=folder, **values)


def _stored_secret(folder: Path) -> str:
    """The secret key of the instance, made at the first start and readable by its owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _written_secret(path)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()


def _written_secret(path: Path) -> str:
    """The key in a file that another process may have made just now and not written yet."""
    for _ in range(50):
        if secret := path.read_text(encoding="ascii").strip():
            return secret
        time.sleep(0.02)
    raise ConfigError(
        f"{path} is empty. Delete it: the next start makes a new key, and everybody signs in again."
    )
