"""Whom a customer can be given to: staff and teams."""

from __future__ import annotations

from collections.abc import Collection

from ecrm_server.access import Actor
from ecrm_server.content.names import name_key
from ecrm_server.customers import facts, reading
from ecrm_server.customers.facts import Subject
from ecrm_server.data import Prepared
from ecrm_server.data.bulk import select_by_key
from ecrm_server.errors import NotFound, Refusal
from ecrm_server.identity import actors
from ecrm_server.kernel import current

_STAFF = (
    "SELECT DISTINCT p.uid, p.name, p.name_key FROM profile p JOIN account a ON a.id = p.account_id"
    " WHERE a.active AND a.deleted_at IS NULL AND (EXISTS (SELECT 1 FROM account_role r WHERE r.account_id = a.id"
    " AND r.role IN ({marks})) OR EXISTS (SELECT 1 FROM account_group_member m JOIN account_group_role gr"
    " ON gr.group_id = m.group_id WHERE m.account_id = a.id AND gr.role IN ({marks}))) ORDER BY p.name_key LIMIT 300"
)
_NAME = Prepared("SELECT name FROM profile WHERE uid = ?")
_PROFILE = Prepared("SELECT uid FROM profile WHERE account_id = ?")
_PROFILES = "SELECT uid FROM profile WHERE account_id IS NOT NULL AND uid IN {keys}"
_PROFILES_BY_EMAIL = (
    "SELECT a.email_key, p.uid FROM account a JOIN profile p ON p.account_id = a.id WHERE a.email_key IN {keys}"
)
_TEAMS = Prepared("SELECT uid, name FROM account_group ORDER BY name LIMIT 300")


def staff(actor: Actor, also: str | None = None) -> list[tuple[str, str]]:
    """(uid, name) of everybody whose roles see customers, oneself first; ``also`` is offered as well."""
    from ecrm_server.customers.visibility import READ_OWN

    held = current.generation().role_permissions
    roles = [role for role, permissions in held.items() if READ_OWN in permissions]
    marks = ", ".join("?" * len(roles)) or "NULL"
    found = [(uid, name) for uid, name, _ in Prepared(_STAFF.format(marks=marks)).tuples(*roles, *roles)]
    if actor.uid:
        found = [(actor.uid, actor.name), *(pair for pair in found if pair[0] != actor.uid)]
    if also and also not in dict(found):
        found.append((also, str(_NAME.value(also))))
    return found


def teams() -> list[tuple[str, str]]:
    """(uid, name) of every group."""
    return [(uid, name) for uid, name in _TEAMS.tuples()]


def who_sees(subject: Subject, row_uid: str, profile: str, field: str) -> int:
    """The account behind a profile's public id, of somebody who sees this customer or organisation.

    Raises Refusal about ``field`` for everybody else.
    """
    try:
        account_id = facts.owner(profile)[0]
    except ValueError as error:
        raise Refusal(str(error), field=field) from error
    somebody = actors.of_account(account_id)
    try:
        reading.one(somebody, subject, row_uid)
    except NotFound:
        raise Refusal(f"{somebody.name or 'This person'} does not see this page.", field=field) from None
    return account_id


def profile_of(account_id: int | None) -> str | None:
    """The public id of an account's profile."""
    return None if account_id is None else _PROFILE.value(account_id)


def owners_named(texts: Collection[str]) -> dict[str, str]:
    """Profiles of people with an account, by public id or e-mail address."""
    keys = {text: name_key(text) for text in texts}
    uids = {uid for (uid,) in select_by_key(_PROFILES, texts)}
    mails = dict(select_by_key(_PROFILES_BY_EMAIL, keys.values()))
    found = {text: text if text in uids else mails.get(key) for text, key in keys.items()}
    return {text: uid for text, uid in found.items() if uid is not None}


def teams_named(texts: Collection[str]) -> dict[str, str]:
    """Groups by name or public id."""
    names = dict(select_by_key("SELECT name, uid FROM account_group WHERE name IN {keys}", texts))
    uids = {uid for (uid,) in select_by_key("SELECT uid FROM account_group WHERE uid IN {keys}", texts)}
    return {text: names.get(text, text) for text in texts if text in names or text in uids}
