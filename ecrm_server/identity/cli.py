"""``ecrm user``: accounts from the command line."""

from __future__ import annotations

import click

from ecrm_server.access import SYSTEM
from ecrm_server.errors import EcrmError
from ecrm_server.identity import apikeys, claim, services
from ecrm_server.kernel import current


@click.group("user")
def user() -> None:
    """Make accounts, claim links and API keys."""


@user.command("create")
@click.argument("email")
@click.option("--name", required=True, help="The name others see.")
@click.option("--role", "roles", multiple=True, help="A role, for example staff or admin; may be repeated.")
@click.password_option(help="The password; asked for when left out.")
def create(email: str, name: str, roles: tuple[str, ...], password: str) -> None:
    """Make a confirmed account."""
    try:
        account = services.create_account(
            email, name, password=password, roles=roles, confirmed=True, via="command", posts_reviewed=True
        )
    except EcrmError as error:
        raise click.ClickException(error.message) from error
    click.echo(f"Account {account.uid} is made.")


@user.command("claim-link")
def claim_link() -> None:
    """Print a link that makes its visitor the administrator, once."""
    config = current.generation().config
    if not claim.is_wanted(config):
        raise click.ClickException(
            "A claim link works only at a loopback address, and only before there is an administrator."
            " Use: ecrm user create EMAIL --name NAME --role admin"
        )
    click.echo(claim.make_claim_link(config))


@user.command("api-key")
@click.argument("email")
@click.option("--name", required=True, help="What the key is for.")
@click.option("--scope", "scopes", multiple=True, required=True, help="A permission; may be repeated.")
@click.option("--days", type=click.IntRange(1, apikeys.MAX_DAYS), help="How long it lasts.")
def api_key(email: str, name: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Make an API key for an account and print it once."""
    account = services.account_by_email(email)
    if account is None:
        raise click.ClickException(f"There is no account with the address {email}.")
    registry = current.generation().registry
    unknown = sorted(set(scopes) - set(registry.permissions))
    if unknown:
        raise click.ClickException(f"There is no permission '{unknown[0]}'.")
    click.echo(apikeys.issue(SYSTEM, account, name, sorted(set(scopes)), days=days))
