"""Steps through the pages of imports."""

from __future__ import annotations

import io
from typing import Any

from ecrm_server.data import Prepared
from ecrm_server.jobs.execute import run_job
from ecrm_server.testing import Browser


def work() -> None:
    """Run the jobs that wait."""
    for (uid,) in Prepared("SELECT uid FROM job WHERE state = 'queued' ORDER BY id").tuples():
        run_job(uid)


def upload(staff: Browser, content: bytes, name: str = "crates.csv", kind: str = "crates") -> str:
    """Upload a file; the address of its import."""
    answer = staff.post("/admin/imports/new", {"kind": kind, "file": (io.BytesIO(content), name)})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"]).removesuffix("/mapping")


def choose(staff: Browser, base: str, *columns: str, **options: Any) -> Any:
    """Send the form of the columns."""
    form = {"mode": "both", "key": "code", "encoding": "auto", "separator": "auto", "dates": "auto",
            "decimals": "auto", "zone": "UTC", "verb": "check"}  # fmt: skip
    return staff.post(f"{base}/mapping", form | {f"column-{i}": name for i, name in enumerate(columns)} | options)
