"""The audit log in words: what an action means, and what the object it was done to is called and where it is."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from ecrm_server.data import Prepared
from ecrm_server.kernel import current

SENTENCES = {
    "access.group_created": "Made a group",
    "access.group_changed": "Changed a group",
    "access.group_deleted": "Deleted a group",
    "access.permissions_changed": "Changed what a role may do",
    "access.role_created": "Made a role",
    "access.role_deleted": "Deleted a role",
    "admin.demo_removed": "Removed the demo company",
    "admin.event_replayed": "Tried a failed delivery again",
    "admin.feature_disabled": "Switched a feature off",
    "admin.feature_enabled": "Switched a feature on",
    "admin.feature_purged": "Deleted a feature's data",
    "admin.settings_changed": "Changed settings",
    "admin.setup_finished": "Finished setting up the site",
    "admin.workers_reloaded": "Reloaded the workers",
    "customers.activity_changed": "Changed what was logged about a customer",
    "customers.activity_deleted": "Deleted what was logged about a customer",
    "customers.activity_put_back": "Put back what was logged about a customer",
    "customers.changed": "Changed a customer",
    "customers.created": "Made a customer",
    "customers.member_added": "Added a member to an organisation",
    "customers.member_removed": "Took a member from an organisation",
    "customers.merged": "Merged two customers",
    "customers.organisation_changed": "Changed an organisation",
    "customers.organisation_created": "Made an organisation",
    "customers.organisations_merged": "Merged two organisations",
    "customers.organisations_unmerged": "Parted two merged organisations",
    "customers.unmerged": "Parted two merged customers",
    "identity.api_key_created": "Made an API key",
    "identity.api_key_revoked": "Ended an API key",
    "identity.email_changed": "Changed an e-mail address",
    "identity.invitation_withdrawn": "Withdrew an invitation",
    "identity.invited": "Invited somebody",
    "identity.password_changed": "Changed a password",
    "identity.restored": "Ended a suspension",
    "identity.roles_changed": "Gave an account other roles",
    "identity.signed_out": "Signed an account out everywhere",
    "identity.silenced": "Let an account read only",
    "identity.suspended": "Suspended an account",
    "identity.two_factor_changed": "Changed one-time codes",
    "identity.view_as_began": "Began to view the site as somebody",
    "identity.view_as_ended": "Stopped viewing the site as somebody",
    "moderation.appeal_answered": "Answered an appeal",
    "moderation.appealed": "Appealed against a decision",
    "moderation.decided": "Decided about a contribution",
    "moderation.lifted": "Ended a measure against an account",
    "moderation.sanctioned": "Took a measure against an account",
    "moderation.undone": "Took a decision back",
    "notices.held_mail_sent": "Sent the held mail",
    "notices.mail_resent": "Sent a mail again",
    "privacy.erased": "Erased a person",
}
"""Action -> what somebody did. Others are told by their own name."""

_TABLES = {
    "account": ("account a JOIN profile p ON p.account_id = a.id", "a.uid", "p.name", "/admin/people/{}"),
    "customer": ("customer", "uid", "name", "/customers/{}"),
    "group": ("account_group", "uid", "name", "/admin/groups/{}"),
    "job": ("job", "uid", "kind", "/admin/jobs/{}"),
    "mail": ("mail", "uid", "subject", "/admin/outbox/{}"),
    "organisation": ("organisation", "uid", "name", "/organisations/{}"),
    "role": ("role", "name", "title", "/admin/roles"),
}
"""Kind of object -> table, its key, what it is called, its page."""
_MOST_LOADED = 100
"""Objects under moderation are asked for one by one; an export of thousands does without their titles."""

Place = tuple[str, str]
"""What an object is called, and the path of its page."""


def sentence(action: str) -> str:
    """What an action means, in the reader's language; ``forums.topic_pinned`` without a sentence is "Topic pinned"."""
    found = SENTENCES.get(action)
    return gettext(found) if found else action.rpartition(".")[2].replace("_", " ").capitalize()


def places(objects: set[tuple[str, str]]) -> dict[tuple[str, str], Place]:
    """(kind, uid) -> name and page of the objects that are still there: one query a kind."""
    found: dict[tuple[str, str], Place] = {}
    by_kind: dict[str, list[str]] = {}
    for kind, uid in sorted(objects):
        by_kind.setdefault(kind, []).append(uid)
    for kind, uids in by_kind.items():
        found.update(((kind, uid), place) for uid, place in _of_kind(kind, uids))
    return found


def _of_kind(kind: str, uids: list[str]) -> list[tuple[str, Place]]:
    if kind in _TABLES:
        table, key, name, path = _TABLES[kind]
        marks = ", ".join("?" * len(uids))
        rows: list[Any] = Prepared(f"SELECT {key}, {name} FROM {table} WHERE {key} IN ({marks})").tuples(*uids)
        return [(uid, (title, path.format(uid))) for uid, title in rows]
    if kind in ("settings", "plugin"):
        path = "/admin/settings/{}" if kind == "settings" else "/admin/features#feature-{}"
        parts = current.generation().parts
        return [(uid, (parts[uid].title, path.format(uid))) for uid in uids if uid in parts]
    if "." not in kind:  # what parts declare is called <part>.<noun>
        return []
    moderated = current.generation().registry.moderated_kinds.get(kind)
    if moderated is None:
        return []
    shown = ((uid, moderated.load(uid)) for uid in uids[:_MOST_LOADED])
    return [(uid, (item.title, item.url)) for uid, item in shown if item is not None]
