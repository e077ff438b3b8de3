"""What the health page says of live updates."""

from __future__ import annotations

from ecrm_server.admin.health import HealthCheck, Result
from ecrm_server.realtime import server


def check_sockets() -> Result:
    """Sockets and rooms of this process."""
    state = server.state()
    if not state["running"]:
        return Result("not needed", "This process serves no sockets.")
    if state["redis"] is False:
        return Result(
            "attention", "Redis does not wake this process. Live updates arrive about a second later."
        )
    return Result("well", f"Open sockets of this process: {state['sockets']}, in rooms: {state['rooms']}.")


CHECKS = [HealthCheck("realtime.sockets", "Live updates", check_sockets)]
