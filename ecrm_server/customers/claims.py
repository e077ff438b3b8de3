"""Inviting a customer whom we know already to make the account, which then has all the history."""

from __future__ import annotations

from flask_babel import gettext

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.access.may import require
from ecrm_server.audit.services import record
from ecrm_server.content.names import name_key
from ecrm_server.customers import reading
from ecrm_server.customers.events import CustomerChanged, CustomerInvited
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import Refusal
from ecrm_server.events import emit
from ecrm_server.identity import invitations
from ecrm_server.kernel import current
from ecrm_server.notices import mail

INVITE = "customers.invite"

_STORE = Prepared(
    "INSERT INTO customer_claim (customer_id, invitation, email, created_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (customer_id) DO UPDATE SET invitation = excluded.invitation, email = excluded.email,"
    " created_at = excluded.created_at"
)
_OPEN = Prepared(
    "SELECT c.email, c.created_at FROM customer_claim c JOIN invitation i ON i.uid = c.invitation"
    " JOIN customer x ON x.id = c.customer_id WHERE (x.id = ? OR x.merged_into_id = ?) AND i.accepted_at IS NULL"
    " AND i.expires_at > ? ORDER BY c.created_at DESC LIMIT 1"
)
_CLAIMED = Prepared(
    "SELECT t.id, t.uid, c.customer_id FROM customer_claim c JOIN invitation i ON i.uid = c.invitation"
    " JOIN customer x ON x.id = c.customer_id JOIN customer t ON t.id = COALESCE(x.merged_into_id, x.id)"
    " WHERE i.account_id = ? AND t.account_id IS NULL"
)
_TAKE = Prepared(
    "UPDATE customer SET account_id = ?, name = ?, name_key = ?, email = ?, email_key = ?, version = version + 1,"
    " updated_at = ? WHERE id = ? AND account_id IS NULL"
)
_DROP = Prepared("DELETE FROM customer_claim WHERE customer_id = ?")
_PERSON = Prepared(
    "SELECT a.email, a.email_key, p.name FROM account a JOIN profile p ON p.account_id = a.id WHERE a.id = ?"
)


def invite(actor: Actor, uid: str, email: str = "") -> None:
    """Mail a link with which the customer makes an account. An earlier link to the customer ends.

    email: where to; the customer's own when empty. Raises Refusal for one who has an account already, Conflict for an
    address that another account has.
    """
    require(actor, INVITE)
    row = reading.customer(actor, uid)
    if row["account_id"] is not None:
        raise Refusal("This customer has an account already.")
    address = email.strip() or row["email"] or ""
    if not address:
        raise Refusal("Where should the invitation go?", field="email")
    with transaction():
        token = invitations.invite(actor, address)
        _STORE.run(row["id"], invitations.find(token)["uid"], address, clock.now())
        generation = current.generation()
        site = str(generation.settings.get("web.site_name", "eCRM Server"))
        text = gettext(
            "%(name)s invites you to %(site)s, where we know you already. Open this link to make your account; it works"
            " for two weeks:",
            name=actor.name,
            site=site,
        )
        link = f"{generation.config.base_url}/invitation/{token}"
        mail.send(
            address,
            gettext("Your account at %(site)s", site=site),
            f"{text}\n\n{link}\n",
            kind="customers.invitation",
        )
        record(
            "customers.invited",
            actor=actor,
            obj_kind="customer",
            obj_uid=row["uid"],
            after={"email": address},
        )
        emit(CustomerInvited(customer=row["uid"]), actor_id=actor.account_id)


def open_invitation(row_id: int) -> dict[str, object] | None:
    """The invitation that waits for a customer, or for one that was merged into it: ``email`` and ``created_at``."""
    return _OPEN.row(row_id, row_id, clock.now())


def take(account_id: int) -> str | None:
    """Give an account that was made by such a link its customer, in the caller's transaction. Returns the public id.

    A link to a customer who was merged since leads to the one that is kept.
    """
    found, person = _CLAIMED.row(account_id), _PERSON.row(account_id)
    if found is None or person is None:
        return None
    name = person["name"]
    taken = _TAKE.run(
        account_id, name, name_key(name), person["email"], person["email_key"], clock.now(), found["id"]
    )
    if not taken:
        return None
    _DROP.run(found["customer_id"])
    emit(CustomerChanged(customer=found["uid"], fields=["account", "email", "name"]), actor_id=account_id)
    return str(found["uid"])
