"""A visitor without an account, as the request tells: the answers, and the random id of who agreed to something."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import after_this_request, g, request
from flask_security import user_registered
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from ecrm_server.access import Actor
from ecrm_server.consent import answers, purposes, services, visits
from ecrm_server.consent.answers import Answers
from ecrm_server.consent.kind import Purpose
from ecrm_server.consent.purposes import VISITS
from ecrm_server.consent.subject import Subject
from ecrm_server.data import transaction
from ecrm_server.identity import keys
from ecrm_server.identity.session import browser_session
from ecrm_server.kernel import current
from ecrm_server.web.app import current_app
from ecrm_server.web.pagecache import VISITOR_COOKIE

if TYPE_CHECKING:
    from ecrm_server.web.app import EcrmFlask

_KEY = re.compile(r"[0-9a-f]{64}")
_SECRETS = frozenset({"token"})
"""Parts of paths that open doors: they are no business of anybody's but the one they were sent to."""


def of_request() -> Subject | None:
    """The visitor whose id came with the request; None for everybody who did not agree to anything."""
    key = request.cookies.get(VISITOR_COOKIE, "")
    return Subject(visitor=keys.digest(key)) if _KEY.fullmatch(key) else None


def answered() -> Answers:
    """What the visitor answered in this browser."""
    return Answers.of(request.cookies.get(answers.COOKIE, ""))


def answer(
    purpose: Purpose, yes: bool, *, path: str = "", referrer: str = "", campaign: dict[str, str] | None = None
) -> None:
    """Note a visitor's answer, and let the browser keep it. A yes begins the visit at ``path``, where it was given."""
    known = of_request()
    if yes:
        secret = request.cookies[VISITOR_COOKIE] if known is not None else keys.new_secret()
        subject = Subject(visitor=keys.digest(secret))
        with transaction():
            services.decide(subject, purpose, True, source="notice", place=path, actor=g.actor)
            if path and purpose.key == VISITS.key and is_recordable(path):
                visits.note(subject, path, referrer=referrer, campaign=campaign)
        _keep(VISITOR_COOKIE, secret)
    elif known is not None:
        with transaction():
            services.decide(known, purpose, False, source="notice", place=path, actor=g.actor)
        if not any(
            standing.allowed for standing in services.standings(known) if "visitor" in standing.purpose.asked
        ):
            _drop(VISITOR_COOKIE)
    _keep(answers.COOKIE, answered().with_answer(purpose, yes).cookie())


def is_recordable(path: str) -> bool:
    """Whether a path is that of a page of this site, and opens no door by itself."""
    try:
        _, arguments = current_app().url_map.bind("").match(path, method="GET")
    except HTTPException:  # there is no such page, or it is elsewhere
        return False
    return not _SECRETS & set(arguments)


def _keep(name: str, value: str) -> None:
    _on_response(
        lambda response: response.set_cookie(
            name, value, max_age=answers.LIFE // 1000, secure=_encrypted(), httponly=True, samesite="Lax"
        )
    )


def _drop(name: str) -> None:
    _on_response(
        lambda response: response.delete_cookie(name, secure=_encrypted(), httponly=True, samesite="Lax")
    )


def _on_response(change: Callable[[Response], None]) -> None:
    def changed(response: Response) -> Response:
        change(response)
        return response

    after_this_request(changed)


def _encrypted() -> bool:
    return current.generation().config.base_url.startswith("https:")


def finish(app: EcrmFlask) -> None:
    """Hear of those who register, by the form or by an invitation, in the browser in which they agreed."""
    user_registered.connect(_registered, app)
    accept = app.view_functions["people.invitation"]

    @functools.wraps(accept)
    def accepted(*args: Any, **kwargs: Any) -> Any:
        was_stranger = not g.actor.is_authenticated  # others bring the invitation to the account they have
        found = accept(*args, **kwargs)
        account_id = browser_session().account_id
        if was_stranger and account_id is not None:
            _begin(account_id)
        return found

    app.view_functions["people.invitation"] = accepted


def _registered(app: EcrmFlask, user: Any, **_: Any) -> None:
    _begin(user.id)


def _begin(account_id: int) -> None:
    place = request.path if request.path == "/register" else "/invitation"  # never the secret of an invitation
    services.agree_as_newcomer(account_id, request.form.getlist("consent"), place)
    subject = of_request()
    if subject is not None and subject.visitor is not None and purposes.asked_of_visitors():
        services.join(subject.visitor, account_id, Actor(account_id=account_id))
        _drop(VISITOR_COOKIE)
