"""What an admin does, with its audit entry and event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.admin import demo, reload
from ecrm_server.admin.events import FeatureDisabled, FeatureEnabled, SettingsChanged
from ecrm_server.audit import services as audit
from ecrm_server.data import Prepared, transaction
from ecrm_server.errors import NotFound
from ecrm_server.events import delivery, emit
from ecrm_server.identity import services as identity
from ecrm_server.kernel import current, plugins
from ecrm_server.search import index
from ecrm_server.settings import store

_SET_UP = Prepared("UPDATE site_state SET set_up_at = ? WHERE id = 1")
_SET_UP_AT = Prepared("SELECT set_up_at FROM site_state WHERE id = 1")


def enable(actor: Actor, name: str) -> int:
    """Switch a feature on, with what it needs. Returns the generation that has it."""
    manifests = plugins.made_ready(current.generation().config, name)
    with transaction():
        number = plugins.switch_on(name, manifests)
        audit.record("admin.feature_enabled", actor=actor, obj_kind="plugin", obj_uid=name)
        emit(FeatureEnabled(plugin=name), actor_id=actor.account_id)
    return number


def disable(actor: Actor, name: str) -> int:
    """Switch a feature off; its data stays. Raises Conflict naming those that need it."""
    with transaction():
        number = plugins.disable(current.generation().config, name)
        audit.record("admin.feature_disabled", actor=actor, obj_kind="plugin", obj_uid=name)
        emit(FeatureDisabled(plugin=name), actor_id=actor.account_id)
    return number


def purge(actor: Actor, name: str) -> str:
    """Export a disabled feature's data, then delete it. Returns the archive's file name in ``instance/exports``."""
    archive = plugins.purge(current.generation().config, name)
    index.forget_part(name)
    with transaction():
        audit.record("admin.feature_purged", actor=actor, obj_kind="plugin", obj_uid=name, note=archive.name)
    return archive.name


def reload_workers(actor: Actor) -> bool:
    """Replace the workers by new ones with the code as it is now. False where another supervisor has to do it."""
    with transaction():
        audit.record("admin.workers_reloaded", actor=actor)
    return reload.reload_workers()


def schema_of(part: str) -> type[marshmallow.Schema]:
    """A part's settings schema. Raises NotFound when it has none."""
    schema = current.generation().registry.settings_schemas.get(part)
    if schema is None:
        raise NotFound()
    return schema


def values_of(part: str) -> dict[str, Any]:
    """A part's settings by short name."""
    prefix = f"{part}."
    settings = current.generation().settings
    return {name.removeprefix(prefix): value for name, value in settings.items() if name.startswith(prefix)}


def save_settings(actor: Actor, part: str, values: Mapping[str, Any]) -> list[str]:
    """Validate and store a part's settings; returns the names that changed. Raises Refusal with errors per field."""
    schema = schema_of(part)
    before = values_of(part)
    with transaction():
        after = store.save(part, schema, values)
        changed = [name for name, value in after.items() if before.get(name) != value]
        if changed:
            audit.record(
                "admin.settings_changed",
                actor=actor,
                obj_kind="settings",
                obj_uid=part,
                before={name: before.get(name) for name in changed},
                after={name: after[name] for name in changed},
            )
            emit(SettingsChanged(part=part, names=changed), actor_id=actor.account_id)
    return changed


def replay(actor: Actor, event_id: int, subscriber: str) -> bool:
    """Give a dead letter another chance. Returns whether there was one."""
    with transaction():
        found = delivery.replay(event_id, subscriber)
        if found:
            audit.record("admin.event_replayed", actor=actor, obj_kind="event", after={"subscriber": subscriber})
    return found


def remove_demo(actor: Actor) -> None:
    """Remove the demo company. Raises Refusal while nobody but its own people administrates the site.

    Whoever may run commands may do it all the same: the server's next start prints a link for an administrator.
    """
    if actor.account_id is not None:
        identity.require_admin()
    with transaction():
        demo.remove()
        audit.record("admin.demo_removed", actor=actor)


def is_set_up() -> bool:
    """Whether somebody finished (or skipped) the first-run wizard."""
    return _SET_UP_AT.value() is not None


def finish_setup(actor: Actor) -> None:
    """Remember that the wizard is done; it can be run again."""
    with transaction():
        _SET_UP.run(clock.now())
        audit.record("admin.setup_finished", actor=actor)
