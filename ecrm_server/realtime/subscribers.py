"""From events to rooms: runs in the courier, so each event reaches each room exactly once."""

from __future__ import annotations

from collections.abc import Iterator

from ecrm_server.data import is_away, transaction
from ecrm_server.events import Delivered, on
from ecrm_server.kernel import current
from ecrm_server.realtime import control, hub, store


@on("*", name="fan_out")
def fan_out(event: Delivered) -> None:
    """Append the event to the rooms of every channel that wants it."""
    pushes = dict(_rooms(event))
    if not pushes:
        return
    rooms = store.append_all(((room, event.name, ref) for room, ref in pushes.items()), event.at)
    hub.wake_after_commit(rooms)


def _rooms(event: Delivered) -> Iterator[tuple[str, str]]:
    generation = current.generation()
    for channel in generation.registry.channels.values():
        refs_of = channel.events.get(event.name)
        if refs_of is None:
            continue
        try:
            with transaction():
                refs = [(item, item) if isinstance(item, str) else item for item in refs_of(event)]
        except Exception as error:  # one channel's fault must not silence the others
            if is_away(error):
                raise
            owner = generation.registry.owner.get(f"channels {channel.name}", "")
            generation.fault(owner, f"channel {channel.name}", error)
            continue
        yield from ((channel.room(room_ref), ref) for room_ref, ref in refs)


@on("identity.sessions_revoked")
def cut_revoked_sessions(event: Delivered) -> None:
    """Cut the sockets of revoked sessions in every process."""
    control.revoke(event.keys)


@on("identity.view_as_began", name="cut_after_view_began")
@on("identity.view_as_ended", name="cut_after_view_ended")
def cut_changed_session(event: Delivered) -> None:
    """Cut the sockets of a session that sees the site as another person from now on; they come back as that one."""
    control.revoke([event.key])


@on("identity.roles_changed", name="ask_again_after_roles")
@on("identity.group_changed", name="ask_again_after_group")
@on("identity.account_suspended", name="ask_again_after_suspension")
def ask_again_for_rights(event: Delivered) -> None:
    """Close the rooms that somebody may no longer be in, in every process."""
    control.ask_again()
