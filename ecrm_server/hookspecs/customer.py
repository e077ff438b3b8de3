"""What a part knows about a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecrm_server.hookspecs import hookspec

if TYPE_CHECKING:
    from ecrm_server.access import Actor
    from ecrm_server.customers.timeline import Entry


@hookspec
def customers_merged(kept: int, merged: int) -> dict[str, Any]:
    """Strict. Hang what the part keeps about one customer on another one, in the caller's transaction.

    kept, merged: keys of the rows. Returns ``{part: what it needs to put it back}``, plain data that JSON can hold; the
    core keeps it until the merge is undone. A raise undoes the whole merge.

    Example::

        @hookimpl
        def customers_merged(kept, merged):
            return {"orders": services.move(kept, merged)}
    """


@hookspec
def customers_unmerged(kept: int, merged: int, moved: dict[str, Any]) -> None:
    """Strict. Bring back what ``customers_merged`` moved, in the caller's transaction.

    kept, merged: keys of the rows. moved: what all parts returned then; the part's own stands under its name, and is
    absent if it was off.

    Example::

        @hookimpl
        def customers_unmerged(kept, merged, moved):
            services.put_back(kept, merged, moved.get("orders", []))
    """


@hookspec
def organisations_merged(kept: int, merged: int) -> dict[str, Any]:
    """Strict. Hang what the part keeps about one organisation on another one; see ``customers_merged``.

    kept, merged: keys of the rows. Returns ``{part: what it needs to put it back}``. People, plans, addresses and what
    staff logged move by themselves. A raise undoes the whole merge.

    Example::

        @hookimpl
        def organisations_merged(kept, merged):
            return {"orders": services.move_accounts(kept, merged)}
    """


@hookspec
def organisations_unmerged(kept: int, merged: int, moved: dict[str, Any]) -> None:
    """Strict. Bring back what ``organisations_merged`` moved; see ``customers_unmerged``.

    kept, merged: keys of the rows. moved: what all parts returned then; the part's own stands under its name, and is
    absent if it was off.

    Example::

        @hookimpl
        def organisations_unmerged(kept, merged, moved):
            services.return_accounts(kept, merged, moved.get("orders", []))
    """


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
