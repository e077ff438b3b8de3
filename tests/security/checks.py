"""The checks behind the routes' guards, each with a substitute that lets everybody through."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ecrm_server.data import Prepared


@dataclass(frozen=True)
class Replacement:
    """``make(original)`` gives what stands in its place."""

    module: str
    attribute: str
    make: Callable[[Any], Any]

    @property
    def name(self) -> str:
        return f"{self.module}.{self.attribute}"


def _yes(original: Any) -> Any:
    return lambda *args, **kwargs: True


def _no(original: Any) -> Any:
    return lambda *args, **kwargs: False


def _nothing(original: Any) -> Any:
    return lambda *args, **kwargs: None


def _by_uid(sql: str) -> Callable[[Any], Any]:
    """A look-up by uid alone, whoever asks."""

    def make(original: Any) -> Any:
        def look_up(*args: Any) -> Any:
            text = [value for value in args if isinstance(value, str)]
            return Prepared(sql).value(text[0])

        return look_up

    return make


def _row(sql: str) -> Callable[[Any], Any]:
    return lambda original: lambda actor, uid: Prepared(sql).row(uid)


def _ref(kind: str) -> Callable[[Any], Any]:
    import importlib

    return lambda original: (
        lambda actor, uid: getattr(importlib.import_module("ecrm_plugins.forums.services.refs"), kind)(uid)
    )


def _unfiltered_page(original: Any) -> Any:
    return lambda actor, **kwargs: original(dataclasses.replace(actor, all_permissions=True), **kwargs)


def _as_everything(original: Any) -> Any:
    return lambda actor, *args, **kwargs: original(
        dataclasses.replace(actor, all_permissions=True), *args, **kwargs
    )


def _loud(original: Any) -> Any:
    def make(*args: Any, **kwargs: Any) -> Any:
        return dataclasses.replace(original(*args, **kwargs), silenced=False)

    return make


def _unscoped(original: Any) -> Any:
    def of_key(key: str) -> Any:
        from ecrm_server.identity.actors import of_account

        found = original(key)
        whole = of_account(found.account_id) if found else None
        return dataclasses.replace(found, permissions=whole.permissions) if found and whole else found

    return of_key


def _all_scopes(original: Any) -> Any:
    return lambda actor: (row[0] for row in Prepared("SELECT uid FROM forums_category").tuples())


def _any_node(original: Any) -> Any:
    return lambda self, uid: self.tree.by_uid[uid]


def _own_job(original: Any) -> Any:
    from flask import g

    return lambda uid: original(uid) | {"created_by": g.actor.account_id}


def _own_export(original: Any) -> Any:
    def open_export(actor: Any, uid: str) -> Any:
        owner = Prepared("SELECT account_id FROM data_request WHERE uid = ?").value(uid)
        return original(dataclasses.replace(actor, account_id=owner), uid)

    return open_export


def _as_key_owner(original: Any) -> Any:
    def revoke(actor: Any, uid: str) -> Any:
        owner = Prepared("SELECT account_id FROM api_key WHERE uid = ?").value(uid)
        return original(dataclasses.replace(actor, account_id=owner), uid)

    return revoke


def _of_reader(original: Any) -> Any:
    def of_notice(account_id: int, uid: str) -> Any:
        return original(Prepared("SELECT account_id FROM notice WHERE uid = ?").value(uid) or account_id, uid)

    return of_notice


def _any_author(original: Any) -> Any:
    def own(actor: Any, uid: str) -> Any:
        author = Prepared("SELECT author_id FROM moderation_decision WHERE uid = ?").value(uid)
        return original(dataclasses.replace(actor, profile_id=author), uid)

    return own


_F = "ecrm_plugins.forums.services."
_M = "ecrm_server.moderation."
_ORGANISATION = "SELECT id, uid, name, slug, kind, created_at, demo FROM organisation WHERE uid = ?"

SERVICES = [
    Replacement(f"{_F}permissions", "sees_topic", _yes),
    Replacement(f"{_F}permissions", "sees_post", _yes),
    Replacement(f"{_F}permissions", "visible_topic", _ref("topic")),
    Replacement(f"{_F}permissions", "visible_post", _ref("post")),
    Replacement(f"{_F}permissions", "require_writing", _nothing),
    Replacement(f"{_F}permissions", "is_own", _yes),
    Replacement(f"{_F}permissions", "_may_topic", _yes),
    Replacement(f"{_F}permissions", "_may_post", _yes),
    Replacement(f"{_F}permissions", "may_hook", _nothing),
    Replacement(f"{_F}permissions", "access_of", _as_everything),
    Replacement(f"{_F}permissions", "Access.find", _any_node),
    Replacement(f"{_F}permissions", "Access.sees", _yes),
    Replacement(f"{_F}tags", "checked", lambda original: lambda actor, names: list(names)),
    Replacement("ecrm_server.access.may", "may", _yes),
    Replacement("ecrm_server.access.may", "require", _nothing),
    Replacement("ecrm_server.access.services", "require_may_give", _nothing),
    Replacement("ecrm_server.identity.invitations", "invite", _as_everything),
    Replacement("ecrm_server.identity.actors", "is_barred", _no),
    Replacement("ecrm_server.identity.actors", "_actor", _loud),
    Replacement("ecrm_server.identity.actors", "of_key", _unscoped),
    Replacement("ecrm_server.identity.apikeys", "create", _as_everything),
    Replacement("ecrm_server.identity.apikeys", "revoke", _as_key_owner),
    Replacement(
        "ecrm_server.identity.sessions", "key_hash_of", _by_uid("SELECT key_hash FROM session WHERE uid = ?")
    ),
    Replacement("ecrm_server.identity.claim", "is_wanted", _yes),
    Replacement("ecrm_server.identity.claim", "require_claimable", _nothing),
    Replacement("ecrm_server.identity.claim", "try_as_available", _yes),
    Replacement("ecrm_server.identity.services", "_not_oneself_nor_stronger", _nothing),
    Replacement("ecrm_server.admin.metrics", "_allowed", _yes),
    Replacement(f"{_M}objects", "may_review", _yes),
    Replacement(f"{_M}decisions", "not_ones_own", _nothing),
    Replacement(f"{_M}decisions", "own", _any_author),
    Replacement(f"{_M}appeals", "may_answer", _yes),
    Replacement("ecrm_server.notices.services", "open_notice", _of_reader),
    Replacement("ecrm_server.notices.services", "mark_read", _of_reader),
    Replacement("ecrm_server.privacy.services", "open_export", _own_export),
    Replacement("ecrm_server.jobs.services", "get", _own_job),
    Replacement("ecrm_server.storage.services", "may_read", _yes),
    Replacement("ecrm_server.customers.organisations", "readable", _row(_ORGANISATION)),
    Replacement("ecrm_server.customers.organisations", "members", _as_everything),
    Replacement("ecrm_server.customers.organisations", "page", _unfiltered_page),
]
