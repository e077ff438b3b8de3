"""Is the job process at work?"""

from __future__ import annotations

from ecrm_server import clock
from ecrm_server.admin.health import HealthCheck, Result
from ecrm_server.data import Prepared

LATE = clock.MINUTE
"""A job that has been due for longer is late."""

_LATE = Prepared("SELECT count(*) FROM job WHERE state = 'queued' AND run_at < ?")
_FAILED = Prepared("SELECT count(*) FROM job WHERE state = 'failed' AND finished_at > ?")


def check_jobs() -> Result:
    """Jobs are taken up when they are due, and none failed of late."""
    now = clock.now()
    late = _LATE.value(now - LATE)
    if late:
        return Result(
            "broken",
            f"Jobs that wait for more than a minute: {late}. The job process is not running, or busy.",
        )
    failed = _FAILED.value(now - clock.DAY)
    if failed:
        return Result("attention", f"Jobs that failed within a day: {failed}. Look at them under Jobs.")
    return Result("well", "Nothing waits.")


CHECKS = [HealthCheck("jobs.queue", "Jobs", check_jobs)]
