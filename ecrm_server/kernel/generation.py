"""One immutable picture of the site: a Flask app and everything the enabled parts declared."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pluggy

from ecrm_server.errors import EcrmError
from ecrm_server.kernel.fence import fenced
from ecrm_server.kernel.part import Part
from ecrm_server.kernel.registry import Registry
from ecrm_server.kernel.specs import STRICT_HOOKS, add_specs

if TYPE_CHECKING:
    from flask import Flask

    from ecrm_server.config import Config
    from ecrm_server.events import Subscription
    from ecrm_server.kernel.snapshot import Snapshot
    from ecrm_server.realtime import Channel

log = logging.getLogger(__name__)

FaultHandler = Callable[[str, str, BaseException], None]


class Generation:
    """Built from a snapshot, never changed afterwards (counters of faults live outside, in the breaker)."""

    app: Flask

    def __init__(
        self,
        snapshot: Snapshot,
        parts: list[Part],
        registry: Registry,
        left_out: dict[str, str],
        on_fault: FaultHandler,
    ) -> None:
        self.number: int = snapshot.number
        self.config: Config = snapshot.config
        self.discovered = snapshot.discovered
        self.states = snapshot.states
        self.fields = snapshot.fields
        self.parts: dict[str, Part] = {part.name: part for part in parts}
        self.left_out: Mapping[str, str] = left_out
        """plugin -> reason why it is not part of this generation although it is switched on."""
        self.registry = registry
        self.settings: Mapping[str, Any] = registry.settings
        self.role_permissions = registry.role_permissions
        self.fault = on_fault
        self._manager = _manager(parts, on_fault)
        self._subscribers: dict[str, list[tuple[str, Subscription]]] = {}

    @property
    def hooks(self) -> Any:
        """Runtime hooks by name, fenced: ``generation.hooks.timeline(...)`` gives a list of results."""
        return self._manager.hook

    @property
    def plugins(self) -> list[Part]:
        """The plugins of this generation, needs first."""
        return [part for part in self.parts.values() if not part.is_core]

    def has(self, plugin: str) -> bool:
        """Whether a plugin is part of this generation."""
        return plugin in self.parts

    def subscribers(self, event: str) -> list[tuple[str, Subscription]]:
        """(``part:name``, subscription) of everybody who wants to hear of an event."""
        found = self._subscribers.get(event)
        if found is None:
            found = [pair for pair in self.registry.subscriptions.items() if pair[1].matches(event)]
            self._subscribers[event] = found
        return found

    def subscription(self, subscriber: str) -> Subscription | None:
        """The subscription named ``part:name``, or None while its plugin is off."""
        return self.registry.subscriptions.get(subscriber)

    def channel(self, name: str) -> Channel | None:
        """A declared channel, or None."""
        return self.registry.channels.get(name)

    def ask(self, service: str, arguments: dict[str, Any], default: Any) -> Any:
        """See :func:`ecrm_server.events.ask`."""
        provider = self.registry.services.get(service)
        if provider is None:
            return default
        part, function = provider
        try:
            return function(**arguments)
        except EcrmError:
            raise
        except Exception as error:  # a provider's fault must not reach the one who asks
            self.fault(part, f"service {service}", error)
            return default

    def permissions_of(self, roles: frozenset[str]) -> frozenset[str]:
        """Everything that holders of these roles may do."""
        return frozenset().union(*(self.role_permissions.get(role, frozenset()) for role in roles))


def _manager(parts: list[Part], on_fault: FaultHandler) -> pluggy.PluginManager:
    manager = pluggy.PluginManager("ecrm")
    add_specs(manager)
    for part in parts:
        stand_in = part.module if part.is_core else fenced(part.name, part.module, STRICT_HOOKS, on_fault)
        manager.register(stand_in, name=part.name)
    manager.check_pending()
    return manager
