"""What consents add to pages of other parts."""

from __future__ import annotations

from typing import Any

from flask import current_app, g, request
from markupsafe import Markup

from ecrm_server.access import SIGNED_IN
from ecrm_server.consent import purposes, questions, services, visitor, visits
from ecrm_server.consent.purposes import VISITS
from ecrm_server.consent.subject import Subject
from ecrm_server.settings.store import setting
from ecrm_server.web.pagecache import SESSION_COOKIE
from ecrm_server.web.slots import Slot

CHOICES = "/privacy/choices"


def notice() -> Markup | str:
    """The question for visitors, and the module that records the pages of those who agreed.

    What it shows may depend on nothing but the path, the answers and whether there is a session: pages of visitors are
    shared by all with the same answers.
    """
    if not setting("consent.ask_visitors"):
        return ""
    if g.actor.is_authenticated:
        recording, open_ = not g.actor.only_looks and services.allowed(g.actor.account_id, VISITS.key), None
    else:
        answers = visitor.answered()
        asked = purposes.asked_of_visitors()
        recording = any(item.key == VISITS.key and answers.agrees(item) for item in asked)
        open_ = next((item for item in asked if not answers.answered(item)), None)
    if request.path == CHOICES:
        open_ = None
    if not recording and open_ is None:
        return ""
    return _macro("notice")(open_, recording, SESSION_COOKIE in request.cookies, CHOICES)


def footer_link() -> Markup | str:
    """Where visitors see and change what they answered."""
    asks = not g.actor.is_authenticated and setting("consent.ask_visitors") and purposes.asked_of_visitors()
    return _macro("footer_link")(CHOICES) if asks else ""


def my_data() -> Markup:
    """Consents with their history, and the visits that were recorded."""
    subject = Subject(g.actor.account_id)
    return _macro("my_data")(
        services.standings(subject), services.history(g.actor.account_id), visits.listed(subject)
    )


def my_account() -> Markup | str:
    """One or two questions that are not answered yet."""
    found = questions.open_ones(g.actor.account_id)
    return _macro("ask")(found) if found else ""


def new_account() -> Markup | str:
    """What somebody who makes an account can agree to; what was ticked stays so after a mistake elsewhere."""
    found = purposes.asked_of_newcomers()
    return _macro("newcomer")(found, request.form.getlist("consent")) if found else ""


def customer_panel(customer: dict[str, Any]) -> Markup | str:
    """What a customer agreed to, and where they came from."""
    account_id = customer.get("account_id")
    if account_id is None:
        return ""
    subject = Subject(account_id)
    found = visits.listed(subject) if services.allowed(account_id, VISITS.key) else []
    return _macro("customer")(services.standings(subject), services.history(account_id), found)


def _macro(name: str) -> Any:
    return getattr(current_app.jinja_env.get_template("consent/fragments.html").module, name)


SLOTS = [
    Slot("page.top", notice),
    Slot("footer.links", footer_link),
    Slot("privacy.mine", my_data, permission=SIGNED_IN),
    Slot("account.new", new_account),
    Slot("account.top", my_account, permission=SIGNED_IN),
    Slot("customer.panel", customer_panel, permission="consent.read", order=60),
]
