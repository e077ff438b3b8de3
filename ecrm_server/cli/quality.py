"""The quality scale: what ``ecrm plugin test --quality`` looks at, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import click

from ecrm_server.cli import quality_code, quality_data
from ecrm_server.cli.quality_subject import Subject
from ecrm_server.errors import PluginError
from ecrm_server.kernel.manifest import Manifest
from ecrm_server.reference.trial import trial

LEVELS = ("bronze", "silver", "gold")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. check gives a sentence for everything that breaks it."""

    name: str
    level: str
    check: Callable[[Subject], Iterator[str]]


RULES = (
    Rule("imports", "bronze", quality_code.imports),
    Rule("markup", "bronze", quality_code.markup),
    Rule("migrations", "bronze", quality_data.migrations),
    Rule("permissions", "bronze", quality_data.permissions),
    Rule("tests", "bronze", quality_code.tests),
    Rule("manifest", "silver", quality_data.manifest),
    Rule("personal data", "silver", quality_data.personal),
    Rule("readme", "silver", quality_data.readme),
    Rule("routes tested", "silver", quality_data.routes_tested),
    Rule("documented", "gold", quality_data.documented),
    Rule("file size", "gold", quality_code.size),
    Rule("translations", "gold", quality_code.translations),
)


@dataclass(frozen=True, slots=True)
class Report:
    """Faults by rule, in the order of the rules; a rule without faults is kept."""

    faults: dict[str, list[str]] = field(default_factory=dict)

    @property
    def level(self) -> str:
        """The highest level whose rules, and those of the levels below, are kept; empty below bronze."""
        reached = ""
        for level in LEVELS:
            if any(self.faults[rule.name] for rule in RULES if rule.level == level):
                break
            reached = level
        return reached


def judge(manifest: Manifest) -> Report:
    """Try the plugin on an empty database and apply every rule. Raises PluginError when it does not work at all."""
    with trial([manifest.name], beside=manifest.path.parent) as generation:
        subject = Subject(manifest, generation)
        return Report({rule.name: list(rule.check(subject)) for rule in RULES})


def run(manifest: Manifest) -> bool:
    """Print what was found. Returns whether every rule is kept."""
    try:
        report = judge(manifest)
    except PluginError as error:
        click.echo(f"does not work: {error.message}")
        return False
    for rule in RULES:
        faults = report.faults[rule.name]
        click.echo(f"{'kept' if not faults else 'broken':<8}{rule.level:<8}{rule.name}")
        for fault in faults:
            click.echo(f"{'':<16}{fault}")
    click.echo(f"level: {report.level or 'none yet'}")
    return report.level == LEVELS[-1]
