"""What a part knows about a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server.hookspecs import hookspec

if TYPE_CHECKING:
    from ecrm_server.access import Actor
    from ecrm_server.customers.timeline import Entry


@hookspec
def timeline(
    actor: Actor,
    account_id: int | None,
    customer_id: int | None,
    organisation_id: int | None,
    before: int,
    limit: int,
) -> list[Entry]:
    """What happened between a person or an organisation and this part, newest first.

    actor: who looks; return only what this actor may see. account_id, customer_id: the person; organisation_id: the
    organisation. What is not asked about is None.
    before: only entries older than this time (milliseconds). limit: at most so many.

    Example::

        @hookimpl
        def timeline(actor, account_id, customer_id, before, limit):
            return services.timeline(actor, account_id, before, limit)
    """
