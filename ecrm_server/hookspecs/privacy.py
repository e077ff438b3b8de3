"""Personal data: export, erasure and retention, which every part that stores something about people implements, what
people are asked to agree to, and what they are asked about themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecrm_server.hookspecs import hookspec

if TYPE_CHECKING:
    from ecrm_server.consent.kind import Purpose, Question
    from ecrm_server.privacy.kind import Retention


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


@hookspec
def retention() -> list[Retention]:
    """Declaration. How long the part keeps each of its tables that holds something about people, and why.

    A plugin whose models point at accounts, profiles or customers is left out unless it implements this hook for each
    of those tables, and ``export_account`` and ``erase_account``. A table with ``days`` gets a setting, and a job
    deletes each night what is over; one without is kept as long as the account and forgotten with it.

    Example::

        @hookimpl
        def retention():
            return personal.RETENTION
    """


@hookspec
def purposes() -> list[Purpose]:
    """Declaration. What the part does with what is stored about people, on which lawful basis, and in which words.

    People see every purpose on the page of their data and decide there about those that rest on consent or on a
    legitimate interest. Before the part does it, it asks ``consent_allowed(account_id, key)``, each time.

    Example::

        @hookimpl
        def purposes():
            return [personal.ARRIVAL_MAIL]
    """


@hookspec
def profile_questions() -> list[Question]:
    """Declaration. What the part would like to know about a person, and what for.

    The page of the account asks one or two that are not answered, with the reason; "not now" is remembered.

    Example::

        @hookimpl
        def profile_questions():
            return [personal.DOOR]
    """
