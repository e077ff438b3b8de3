"""Live updates: declared channels over Socket.IO, with a sequence, replay and a permission each."""

from __future__ import annotations

from ecrm_server.realtime.channel import Channel, Message

__all__ = ["Channel", "Message"]
