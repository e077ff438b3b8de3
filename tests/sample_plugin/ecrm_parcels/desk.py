"""What the plugin declares besides pages: permission, channel, health check, command."""

from __future__ import annotations

import click

from ecrm_server.api import Actor, Channel, Delivered, HealthCheck, HealthResult, Permission

from . import services

READ = Permission("parcels.read", "See the parcels", default=("everyone", "member", "moderator", "staff"))
IMPORT = Permission("parcels.import", "Bring in parcels from files", default=("staff",))
EDIT = Permission("parcels.edit", "Change parcels", default=("staff",))
ROOM = "parcels.desk:all"


def _may_join(actor: Actor, ref: str) -> bool:
    """The one room, for those who may see the parcels."""
    return ref == "all" and actor.may(READ.name)


def _rooms(event: Delivered) -> list[tuple[str, str]]:
    return [("all", event.parcel)]


CHANNEL = Channel("parcels.desk", _may_join, events={"parcels.arrived": _rooms})


def _check() -> HealthResult:
    return HealthResult("well", f"{len(services.parcels())} parcels are at the desk.")


CHECK = HealthCheck("parcels.desk", "Parcels", _check)


@click.command()
@click.argument("code")
def parcel(code: str) -> None:
    """Take in a parcel with this CODE."""
    click.echo(f"parcel: {services.arrive(code)}")
