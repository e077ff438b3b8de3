"""Personal data: export and erasure. Every part that stores something about people implements these."""

from __future__ import annotations

from typing import Any

from ecrm_server.hookspecs import hookspec


@hookspec
def export_account(account_id: int, profile_id: int) -> dict[str, Any]:
    """Strict. What the part stores about a person, as plain data for the download; keys are headings.

    account_id, profile_id: the person's account and the profile that others see.
    A raise makes the whole export fail rather than hand out half of it.

    Example::

        @hookimpl
        def export_account(account_id, profile_id):
            return {"forums": services.export(profile_id)}
    """


@hookspec
def erase_account(account_id: int, profile_id: int) -> None:
    """Strict. Forget a person: delete or make anonymous whatever the part stores, in the caller's transaction.

    account_id, profile_id: the person's account and the profile that others see; the core erases both themselves.
    A raise undoes the whole erasure, which is then reported and tried again.

    Example::

        @hookimpl
        def erase_account(account_id, profile_id):
            services.erase(profile_id)
    """
