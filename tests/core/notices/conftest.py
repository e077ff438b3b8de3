from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ecrm_server.kernel.site import Site
from tests.mailserver import MailServer

MANIFEST = 'name = "club"\ntitle = "Club"\nversion = "1.0"\n'
CODE = """
from ecrm_server.api import NoticeKind, hookimpl


@hookimpl
def notice_kinds():
    return [
        NoticeKind("club.news", "News of the club"),
        NoticeKind("club.quiet", "Quiet things", default=("site",)),
        NoticeKind("club.alarm", "Alarms", required=True),
    ]
"""


@pytest.fixture
def site(
    request: pytest.FixtureRequest, tmp_path: Path, make_site: Callable[..., Site], both_engines: str
) -> Site:
    """The site of these tests, on each engine, with a plugin that sends notices."""
    folder = tmp_path / "instance" / "plugins" / "club"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text(MANIFEST)
    (folder / "plugin.py").write_text(CODE)
    with_mail = "club" in request.fixturenames
    return make_site("club", smtp_url=request.getfixturevalue("mail_server").url if with_mail else "")


@pytest.fixture
def club(site: Site, mail_server: MailServer) -> Site:
    """The site with a mail server."""
    return site


@pytest.fixture
def club_without_mail(site: Site) -> Site:
    """The site without a mail server."""
    return site
