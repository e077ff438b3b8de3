"""Stored files: their page, what they hang on, sweeping, health, and what is kept about people."""

from __future__ import annotations

from typing import Any

from ecrm_server.admin.health import HealthCheck
from ecrm_server.hookspecs import hookimpl
from ecrm_server.jobs.kind import JobKind
from ecrm_server.privacy.kind import Retention
from ecrm_server.storage import retention as retention_module
from ecrm_server.storage import upkeep, views
from ecrm_server.storage.kind import PUBLIC_KIND, FileKind
from ecrm_server.web.blueprint import CoreBlueprint


@hookimpl
def blueprints() -> list[CoreBlueprint]:
    return [views.pages]


@hookimpl
def file_kinds() -> list[FileKind]:
    return [PUBLIC_KIND]


@hookimpl
def jobs() -> list[JobKind]:
    return upkeep.JOBS


@hookimpl
def health_checks() -> list[HealthCheck]:
    return [HealthCheck("storage.files", "Files", upkeep.check_folder)]


@hookimpl
def export_account(account_id: int, profile_id: int) -> dict[str, Any]:
    return {"files": upkeep.export(profile_id)}


@hookimpl
def erase_account(account_id: int, profile_id: int) -> None:
    upkeep.erase(profile_id)

@hookimpl
def retention() -> list[Retention]:
    return retention_module.TABLES
