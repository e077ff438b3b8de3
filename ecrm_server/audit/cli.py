"""``ecrm audit``: checking the log from the command line."""

from __future__ import annotations

import click

from ecrm_server.audit import services


@click.group()
def audit() -> None:
    """Look after the audit log."""


@audit.command()
@click.option(
    "--head", default="", help="A head noted after an earlier verification; it must still be there."
)
def verify(head: str) -> None:
    """Check every record of the audit log against its seal; exits with 1 when one was tampered with."""
    report = services.check(noted_head=head)
    for fault in report.faults:
        click.echo(fault.sentence, err=True)
    for name in ("seals", "records", "pending"):
        click.echo(f"{name}: {getattr(report, name)}")
    click.echo(f"faults: {report.fault_count}")
    click.echo(f"head: {report.head}")
    if not report.ok:
        raise SystemExit(1)
