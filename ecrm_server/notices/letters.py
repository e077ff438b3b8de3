"""The mail that tells of a notice, in text and HTML, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import g

from ecrm_server.kernel import current
from ecrm_server.notices import mail, unsubscribe
from ecrm_server.notices.kind import NoticeKind
from ecrm_server.web.i18n import ENGLISH, Language, enabled


def notice(person: dict[str, Any], kind: NoticeKind, title: str, url: str, excerpt: str) -> None:
    """Write the mail for one person (a row with id, email, locale, profile_uid) into the outbox."""
    generation = current.generation()
    off = "" if kind.required else unsubscribe.url(person["profile_uid"], kind.name)
    context = {
        "kind": kind,
        "title": title,
        "excerpt": excerpt,
        "link": f"{generation.config.base_url}{url}",
        "site_name": generation.settings.get("web.site_name", "eCRM Server"),
        "unsubscribe": off,
        "preferences": f"{generation.config.base_url}/me/notifications",
    }
    templates = generation.app.jinja_env
    with _language(person["locale"]) as spoken:
        text = templates.get_template("notices/mail.txt").render(context)
        html = templates.get_template("notices/mail.html").render(context, lang=spoken.code, dir=spoken.dir)
    mail.send(
        person["email"],
        title,
        text,
        html,
        kind=kind.name,
        account_id=person["id"],
        unsubscribe_url=off or None,
    )


@contextmanager
def _language(code: str) -> Iterator[Language]:
    """Speak a person's language in the block, whichever request or job it runs in."""
    app = current.generation().app
    with app.app_context():
        g.language = enabled(app).get(code, ENGLISH)  # type: ignore[arg-type]
        yield g.language
