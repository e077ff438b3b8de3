"""Tables as files: which reader a file needs."""

from __future__ import annotations

from pathlib import Path

from ecrm_server.importing.csvrows import CsvFile
from ecrm_server.importing.options import Options
from ecrm_server.importing.problems import InputError, Problem
from ecrm_server.importing.unpacking import PACKINGS, plain_name
from ecrm_server.importing.workbook import XlsxFile

Table = CsvFile | XlsxFile

TEXTS = (".csv", ".tsv", ".txt")
BOOKS = (".xlsx", ".xlsm")
ENDINGS = (*TEXTS, *BOOKS, *(f"{text}{packed}" for text in TEXTS for packed in PACKINGS))


def open_table(path: Path, name: str, options: Options) -> Table:
    """The file at ``path``, which people call ``name``. Raises InputError with a sentence for them."""
    ending = Path(plain_name(name)).suffix.lower()
    if plain_name(name) != name and ending in BOOKS:
        raise InputError(Problem(name, "", "an XLSX file is packed already. Give it as it is."))
    if ending not in (*TEXTS, *BOOKS):
        raise InputError(Problem(name, "", "only CSV (also .gz, .xz and .bz2) and XLSX files can be imported."))
    if ending in TEXTS:
        return CsvFile(path, name, options.encoding, options.separator)
    return XlsxFile(path, name, options.sheet)
