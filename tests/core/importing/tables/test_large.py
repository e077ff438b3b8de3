"""Files of gigabytes: memory stays flat, and what is no table is refused at once."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ecrm_server.importing.problems import InputError
from ecrm_server.kernel.site import Site
from tests.core.importing.tables.crate_steps import check, table
from tests.house.sources import ROOT
from tests.thorough import THOROUGH

pytestmark = pytest.mark.usefixtures("site")

WIDTH = 2_200
ROWS = 950_000 if THOROUGH else 20_000
"""As many as make 2 GB, below the limit of rows; or 44 MB."""
MEMORY = (320 if THOROUGH else 200) << 20
"""Of the whole process, which takes 100 MB before it reads anything; a key takes a hundred bytes."""

MEASURED = (
    "import resource, subprocess, sys; status = subprocess.run(sys.argv[1:]).returncode;"
    " used = resource.getrusage(resource.RUSAGE_CHILDREN); print(used.ru_maxrss, used.ru_utime); sys.exit(status)"
)
"""Runs a command and prints the most memory it had. What a process counts begins with its parent: this one is small."""


@pytest.mark.parametrize(
    "rows, sentence",
    [
        (1, "sparse.csv: it is no text, so it cannot be a CSV file"),
        (20_000, "sparse.csv: line 20002 has more than 1,048,576 characters. Is this a CSV file?"),
    ],
)
def test_a_sparse_file_of_two_gigabytes_is_refused_at_once(tmp_path: Path, rows: int, sentence: str) -> None:
    path = tmp_path / "sparse.csv"
    with path.open("wb") as stream:
        stream.write(b"Code,Weight\n" + b"".join(b"P%d,1\n" % number for number in range(rows)))
        stream.truncate(2 << 30)
    with pytest.raises(InputError, match=re.escape(sentence)), table(path) as going:
        check(going, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_file_of_two_gigabytes_is_checked_with_little_memory(
    site: Site, tmp_path: Path, database_url: str, record_property: Callable[[str, object], None]
) -> None:
    path = tmp_path / "large.csv.gz"
    note = "what is said about a crate at length; "
    with gzip.open(path, "wt", compresslevel=1) as stream:
        stream.write("Code,Weight,Remark\n")
        for number in range(ROWS):
            stream.write(f"C{number},{number}.5,{number:0200}{(note * 60)[: WIDTH - 200]}\n")
    environment = {
        **os.environ, "ECRM_INSTANCE": str(site.config.instance), "DATABASE_URL": database_url, "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    command = [sys.executable, "-m", "ecrm_server.cli", "import", "crates", str(path), "--dry-run"]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *command], env=environment, cwd=tmp_path, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    text = done.stdout
    assert done.returncode == 0, (text + done.stderr)[-2000:]
    assert f"read: {ROWS}\ncreated: {ROWS}\n" in text
    memory, seconds = (float(number) for number in text.splitlines()[-1].split())
    print(f"memory_kb: {memory:.0f}, seconds: {seconds:.0f}")
    record_property("memory_kb", memory)
    assert memory * 1024 < MEMORY
