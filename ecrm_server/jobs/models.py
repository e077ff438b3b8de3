"""Jobs as rows: what is to be done, how far it is and what became of it."""

from __future__ import annotations

import peewee

from ecrm_server.data import JSONText, MillisField, Model, UidField


class Job(Model):
    """One piece of work."""

    id = peewee.BigAutoField()
    uid = UidField()
    kind = peewee.CharField(max_length=120)
    part = peewee.CharField(max_length=60)
    """Core domain or plugin that declares the kind; while it is off the job is parked."""
    arguments = JSONText(default=dict)
    state = peewee.CharField(max_length=10)
    """queued, running, done, failed, parked or cancelled."""
    attempts = peewee.IntegerField(default=0)
    once = peewee.CharField(max_length=64, null=True, unique=True)
    """Set while a job waits that must not wait twice (hash of kind and arguments)."""
    created_by = peewee.BigIntegerField(null=True)
    """Account that asked for it, or null for the system."""
    created_at = MillisField()
    run_at = MillisField()
    handed_at = MillisField(null=True, default=None)
    """When its uid was last put into the queue."""
    started_at = MillisField(null=True, default=None)
    heartbeat_at = MillisField(null=True, default=None)
    finished_at = MillisField(null=True, default=None)
    worker = peewee.CharField(max_length=120, default="")
    """host:pid:token of the process that runs it."""
    cancel = peewee.BooleanField(default=False)
    """Somebody asked it to stop."""
    progress = peewee.BigIntegerField(default=0)
    total = peewee.BigIntegerField(null=True)
    message = peewee.TextField(default="")
    error = peewee.TextField(default="")

    class Meta:
        table_name = "job"


class JobSchedule(Model):
    """When a recurring kind is due next; claimed by a guarded UPDATE, so one process alone enqueues it."""

    kind = peewee.CharField(max_length=120, primary_key=True)
    next_at = MillisField()
    last_at = MillisField(null=True, default=None)

    class Meta:
        table_name = "job_schedule"
