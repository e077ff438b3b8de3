"""The project speaks of itself alone: no path of a machine it was made on stands in its files."""

from __future__ import annotations

import re

from tests.house.sources import ROOT, TEXT_SUFFIXES, tracked_files

# Written in pieces, so that this file does not find itself.
FOLDERS = ("work", "tmp", "root", "home/[a-z]+", "opt/pypi", "opt/wheels", "Users/[a-z]+")
MACHINE_PATH = re.compile(rf"(?<![\w./:$}}\]~-])/(?:{'|'.join(FOLDERS)})/", re.IGNORECASE)


def test_no_file_names_a_path_of_some_machine() -> None:
    faults = []
    for path in tracked_files():
        if path.suffix not in TEXT_SUFFIXES or "vendor" in path.parts:
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            found = MACHINE_PATH.search(line)
            if found:
                faults.append(f"{path.relative_to(ROOT)}:{number}: {found[0]}")
    assert not faults, "\n".join(faults)


def test_a_machine_path_is_found() -> None:
    slash = "/"
    assert MACHINE_PATH.search(f"see {slash}tmp{slash}notes")
    assert not MACHINE_PATH.search("https://example.org/" + "work/of/art")
