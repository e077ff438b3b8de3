"""Live channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server.hookspecs import hookspec

if TYPE_CHECKING:
    from ecrm_server.realtime import Channel


@hookspec
def channels() -> list[Channel]:
    """Declaration. The live channels of the part, each with the function that authorises a join.

    Example::

        @hookimpl
        def channels():
            return [channels_module.TOPIC]
    """
