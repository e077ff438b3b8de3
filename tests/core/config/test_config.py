"""The process's settings: file, environment, and clear words about what is wrong."""

from __future__ import annotations

import threading

import pytest

from ecrm_server import config
from ecrm_server.errors import ConfigError


def test_the_environment_overrides_the_file(tmp_path):
    (tmp_path / "ecrm.toml").write_text('port = 9000\nbase_url = "https://crm.example.org/"\n')
    loaded = config.load(tmp_path, environ={"PORT": "9001"})
    assert (loaded.port, loaded.base_url) == (9001, "https://crm.example.org")


def test_an_unknown_setting_is_refused_with_its_line_and_the_allowed_ones(tmp_path):
    (tmp_path / "ecrm.toml").write_text("port = 9000\n\ndatabse_url = 'x'\n")
    with pytest.raises(ConfigError, match=r"line 3: unknown setting 'databse_url'. Allowed: base_url, database_url"):
        config.load(tmp_path, environ={})


@pytest.mark.parametrize(
    "name, value, message",
    [
        ("PORT", "http", "a port is a number"),
        ("DATABASE_URL", "mysql://x", "must begin with sqlite:// or postgresql://"),
        ("REDIS_URL", "localhost:6379", "must begin with redis://"),
        ("ECRM_TRUSTED_PROXIES", "nginx", "counts the proxies"),
        ("ECRM_PSEUDO_LOCALES", "maybe", "true or false"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(tmp_path, name, value, message):
    with pytest.raises(ConfigError, match=message):
        config.load(tmp_path, environ={name: value})


@pytest.mark.parametrize("text, meant", [("1", True), ("true", True), ("0", False), ("False", False)])
def test_pseudo_locales_are_switched_as_people_write_it(tmp_path, text, meant):
    assert config.load(tmp_path, environ={"ECRM_PSEUDO_LOCALES": text}).pseudo_locales is meant


def test_the_secret_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    first = config.load(tmp_path, environ={}).secret_key
    assert config.load(tmp_path, environ={}).secret_key == first
    assert len(first) > 40
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_neither_secret_nor_mail_password_is_shown(tmp_path):
    environ = {"SMTP_URL": "smtp://user:hunter2@mail", "ECRM_SECRET_KEY": "topsecret"}
    shown = repr(config.load(tmp_path, environ=environ))
    assert "hunter2" not in shown
    assert "topsecret" not in shown


def test_a_secret_that_another_process_is_about_to_write_is_waited_for(tmp_path):
    path = tmp_path / "secret_key"
    path.touch()
    writer = threading.Timer(0.1, path.write_text, ("written",))
    writer.start()
    assert config.load(tmp_path, environ={}).secret_key == "written"
    writer.join()


def test_an_empty_secret_is_no_secret(tmp_path):
    (tmp_path / "secret_key").touch()
    with pytest.raises(ConfigError, match="is empty"):
        config.load(tmp_path, environ={})
