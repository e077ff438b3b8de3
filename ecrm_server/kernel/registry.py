"""Everything the parts of a generation declared, collected and checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ecrm_server.access import ANYONE, SIGNED_IN, Permission
from ecrm_server.access import roles as access_roles
from ecrm_server.errors import PluginError
from ecrm_server.kernel.part import Part
from ecrm_server.kernel.specs import hook_names
from ecrm_server.privacy.kind import with_periods
from ecrm_server.rules.catalogue import check as check_traits
from ecrm_server.settings import store as settings_store

if TYPE_CHECKING:
    import click
    import marshmallow

    from ecrm_server.admin.health import HealthCheck
    from ecrm_server.consent.kind import Purpose, Question
    from ecrm_server.events import Event, Subscription
    from ecrm_server.importing.kind import ImportKind
    from ecrm_server.jobs.kind import JobKind
    from ecrm_server.kernel.snapshot import Snapshot
    from ecrm_server.lists.kind import ListKind
    from ecrm_server.moderation.kind import ModeratedKind
    from ecrm_server.notices.kind import NoticeKind
    from ecrm_server.privacy.kind import Retention
    from ecrm_server.realtime import Channel
    from ecrm_server.rules.catalogue import Traits
    from ecrm_server.search.kind import SearchKind, SearchSource
    from ecrm_server.storage.kind import FileKind
    from ecrm_server.web.navigation import NavItem
    from ecrm_server.web.slots import Slot

_PERMISSION = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


@dataclass
class Registry:
    """Collected declarations by name. ``owner`` maps ``<hook> <name>`` to the part that declared it."""

    permissions: dict[str, Permission] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    events: dict[str, type[Event]] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    services: dict[str, tuple[str, Callable[..., Any]]] = field(default_factory=dict)
    jobs: dict[str, JobKind] = field(default_factory=dict)
    notice_kinds: dict[str, NoticeKind] = field(default_factory=dict)
    search_kinds: dict[str, SearchKind] = field(default_factory=dict)
    search_sources: dict[str, SearchSource] = field(default_factory=dict)
    file_kinds: dict[str, FileKind] = field(default_factory=dict)
    moderated_kinds: dict[str, ModeratedKind] = field(default_factory=dict)
    lists: dict[str, ListKind] = field(default_factory=dict)
    imports: dict[str, ImportKind] = field(default_factory=dict)
    purposes: dict[str, Purpose] = field(default_factory=dict)
    profile_questions: dict[str, Question] = field(default_factory=dict)
    retention: dict[str, Retention] = field(default_factory=dict)
    health_checks: dict[str, HealthCheck] = field(default_factory=dict)
    commands: list[click.Command] = field(default_factory=list)
    navigation: list[NavItem] = field(default_factory=list)
    slots: list[tuple[str, Slot]] = field(default_factory=list)
    page_modules: list[tuple[str, str]] = field(default_factory=list)
    traits: list[tuple[str, Traits]] = field(default_factory=list)
    settings_schemas: dict[str, type[marshmallow.Schema]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    role_permissions: dict[str, frozenset[str]] = field(default_factory=dict)
    owner: dict[str, str] = field(default_factory=dict)

    def add(self, part: Part) -> None:
        """Collect what one part declares. Raises PluginError and leaves nothing behind of a part that clashes."""
        unknown = sorted(set(part.hooks) - hook_names())
        if unknown:
            raise PluginError(f"It implements '{unknown[0]}', which is no hook. Is it misspelt?")
        for hook, key in _KEYED.items():
            for item in part.declare(hook) or ():
                self._claim(part, hook, key(item))
                getattr(self, hook)[key(item)] = item
        for item in part.declare("subscriptions") or ():
            self._claim(part, "subscriptions", f"{part.name}:{item.name}")
            self.subscriptions[f"{part.name}:{item.name}"] = item
        for name, function in (part.declare("services") or {}).items():
            self._claim(part, "services", name)
            self.services[name] = (part.name, function)
        self.commands.extend(part.declare("commands") or ())
        self.navigation.extend(part.declare("navigation") or ())
        self.slots.extend((part.name, slot) for slot in part.declare("slots") or ())
        self.traits.extend((part.name, traits) for traits in part.declare("traits") or ())
        self.page_modules.extend((part.name, path) for path in part.declare("page_modules") or ())
        schema = part.declare("settings_schema")
        if schema is not None:
            self.settings_schemas[part.name] = schema
            self.settings.update(settings_store.defaults(part.name, schema))

    def _claim(self, part: Part, hook: str, name: str) -> None:
        if hook == "permissions" and not _PERMISSION.fullmatch(name):
            raise PluginError(f"The permission '{name}' must look like part.verb_noun.")
        taken = self.owner.get(f"{hook} {name}")
        if taken is not None:
            raise PluginError(f"'{name}' ({hook}) is declared by {taken} already.")
        self.owner[f"{hook} {name}"] = part.name

    def knows_permission(self, name: str) -> bool:
        """Whether a route may ask for this."""
        return name in (ANYONE, SIGNED_IN) or name in self.permissions

    def finish(self, snapshot: Snapshot) -> None:
        """Apply stored settings and roles, and sort what is shown in an order."""
        self.settings_schemas["privacy"] = with_periods(self.retention.values())
        self.settings = settings_store.effective(self.settings_schemas, snapshot.settings)
        self.role_permissions = access_roles.effective(self.permissions.values(), snapshot.grants)
        self.navigation.sort(key=lambda item: (item.order, item.label))
        _check_permissions(self, ((f"navigation {item.key}", item.permission) for item in self.navigation))
        check_traits(self.traits)
        _check_permissions(
            self, ((f"slot of {part} in {slot.place}", slot.permission) for part, slot in self.slots)
        )
        _check_permissions(self, ((f"import {kind.name}", kind.permission) for kind in self.imports.values()))
        _check_permissions(
            self, ((f"search {source.name}", source.permission) for source in self.search_sources.values())
        )
        _check_permissions(self, ((f"list {kind.name}", kind.permission) for kind in self.lists.values()))
        _check_permissions(
            self,
            (
                (f"message {message.name} of channel {channel.name}", message.permission)
                for channel in self.channels.values()
                for message in channel.messages
            ),
        )


def _check_permissions(registry: Registry, asked: Iterable[tuple[str, str]]) -> None:
    for what, permission in asked:
        if not registry.knows_permission(permission):
            raise PluginError(f"The {what} asks for '{permission}', which no part declares.")


_KEYED: dict[str, Callable[[Any], str]] = {
    "permissions": lambda item: item.name,
    "channels": lambda item: item.name,
    "events": lambda item: item.name,
    "jobs": lambda item: item.name,
    "notice_kinds": lambda item: item.name,
    "search_kinds": lambda item: item.name,
    "search_sources": lambda item: item.name,
    "file_kinds": lambda item: item.name,
    "moderated_kinds": lambda item: item.name,
    "lists": lambda item: item.name,
    "imports": lambda item: item.name,
    "purposes": lambda item: item.key,
    "profile_questions": lambda item: item.key,
    "retention": lambda item: item.table,
    "health_checks": lambda item: item.name,
}
