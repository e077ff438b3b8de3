"""Everything a generation is built from, read from the database before the build (which never touches it)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ecrm_server.access.roles import Grants, load_grants
from ecrm_server.config import Config
from ecrm_server.customers.custom import Fields, load_fields
from ecrm_server.kernel import state
from ecrm_server.kernel.discovery import Discovered, discover
from ecrm_server.kernel.state import StateRow
from ecrm_server.settings.store import load_values


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Input of one build."""

    number: int
    config: Config
    discovered: Discovered
    states: Mapping[str, StateRow] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    grants: Grants = field(default_factory=dict)
    fields: Fields = field(default_factory=Fields)
    """The custom fields of customers and organisations."""

    @property
    def wanted(self) -> list[str]:
        """Plugins that are to be part of the generation."""
        if self.config.safe_mode:
            return []
        return sorted(name for name, row in self.states.items() if row.active)


def take(config: Config, discovered: Discovered | None = None) -> Snapshot:
    """Read the number first: a change that commits meanwhile leads to one more build, never to a lost one."""
    return Snapshot(
        number=state.number(),
        config=config,
        discovered=discovered or discover(config.instance),
        states=state.rows(),
        settings=load_values(),
        grants=load_grants(),
        fields=load_fields(),
    )
