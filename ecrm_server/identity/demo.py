"""The demo company's people: an administrator, a customer and a partner, labelled, without password."""

from __future__ import annotations

from flask_babel import ngettext

from ecrm_server.access.permission import ADMIN
from ecrm_server.data import Prepared
from ecrm_server.errors import NotFound
from ecrm_server.identity import search, services
from ecrm_server.identity.models import Account

PEOPLE: dict[str, tuple[str, tuple[str, ...]]] = {
    "admin": ("Demo admin", (ADMIN,)),
    "customer": ("Demo customer", ()),
    "partner": ("Demo partner", ()),
}
"""role in "Try as" -> name and roles."""

_IS_LOADED = Prepared("SELECT 1 FROM account WHERE demo LIMIT 1")
_COUNT = Prepared("SELECT COUNT(*) FROM profile WHERE demo")
_REMOVE = (
    Prepared("DELETE FROM profile WHERE demo"),
    Prepared("DELETE FROM account WHERE demo"),
)


def address(role: str) -> str:
    """The e-mail address of one of the demo's people; mail to it reaches nobody."""
    return f"{role}@demo.example"


def is_loaded() -> bool:
    """Whether the demo's people exist."""
    return _IS_LOADED.value() is not None


def load() -> None:
    """Make the demo's people, those that are missing."""
    for role, (name, roles) in PEOPLE.items():
        if services.account_by_email(address(role)) is None:
            services.create_account(
                address(role), name, roles=roles, confirmed=True, via="demo", handle=f"demo-{role}", demo=True,
                posts_reviewed=True,
            )  # fmt: skip


def describe() -> list[str]:
    """How many invented people go."""
    count = _COUNT.value()
    return [ngettext("%(num)d invented person", "%(num)d invented people", count)] if count else []


def remove() -> None:
    """Delete the demo's people, after every other part removed what they wrote."""
    search.remove_demo()
    for statement in _REMOVE:
        statement.run()


def person(role: str) -> Account:
    """The demo's account for a role. Raises NotFound."""
    account = services.account_by_email(address(role)) if role in PEOPLE else None
    if account is None or not account.demo:
        raise NotFound()
    return account
