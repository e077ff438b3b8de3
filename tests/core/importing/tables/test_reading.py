"""CSV files as people's programs write them, and files that are broken."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from ecrm_server.importing import unpacking
from ecrm_server.importing.csvrows import CsvFile
from ecrm_server.importing.opening import open_table
from ecrm_server.importing.options import Options
from ecrm_server.importing.problems import InputError
from tests.thorough import THOROUGH

File = Callable[..., Path]


def read(path: Path, **options: str) -> tuple[list[str], list[list[str]]]:
    """Header and the cells of the rows; a fault is a row of its own."""
    table = open_table(path, path.name, Options(**options))  # type: ignore[arg-type]
    return table.header, [[fault] if fault else cells for _, cells, fault in table.rows()]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found_out(file: File, separator: str) -> None:
    text = separator.join(("Name", "City")) + "\n" + separator.join(('"A, B; C"', "X")) + "\n"
    assert read(file(text)) == (["Name", "City"], [["A, B; C", "X"]])


def test_a_spreadsheets_own_separator_line_is_obeyed(file: File) -> None:
    assert read(file("sep=;\r\nName;City\r\nA,B;C\r\n")) == (["Name", "City"], [["A,B", "C"]])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encoding_is_found_out(file: File, encoding: str) -> None:
    assert read(file("Name,City\nÄda,Łódź\n".encode(encoding))) == (["Name", "City"], [["Äda", "Łódź"]])


def test_windows_1252_is_read_when_it_was_chosen(file: File) -> None:
    path = file("Name,City\nÄda,Köln €\n".encode("cp1252"))
    assert read(path, encoding="windows-1252")[1] == [["Äda", "Köln €"]]
    (fault,) = read(path)[1]
    assert fault[0].startswith("Name holds the byte 0xC4, which is no UTF-8 here.")


def test_rows_are_numbered_as_a_spreadsheet_shows_them(file: File) -> None:
    rows = CsvFile(file('Name,Note\nA,"two\nlines"\n,\n\nB,x\n'), "x.csv").rows()
    assert [(number, cells) for number, cells, _ in rows] == [(2, ["A", "two\nlines"]), (5, ["B", "x"])]


def test_line_ends_of_all_kinds_may_be_mixed(file: File) -> None:
    text = b'\xef\xbb\xbf"Name","City"\r\nA,"two\r\nlines"\rB,x\nC,y\r\n\r\nD,z'
    rows = list(CsvFile(file(text), "x.csv").rows())
    assert [(number, cells) for number, cells, _ in rows] == [
        (2, ["A", "two\r\nlines"]), (3, ["B", "x"]), (4, ["C", "y"]), (6, ["D", "z"]),
    ]  # fmt: skip
    assert CsvFile(file(text), "x.csv").header == ["Name", "City"]


def test_columns_without_a_name_of_their_own_get_one(file: File) -> None:
    assert read(file("Name,,Name,,\nA,B,C,,\n"))[0] == ["Name", "Column 2", "Name (2)"]


@pytest.mark.parametrize(
    "name, pack", [("x.csv.gz", gzip.compress), ("x.csv.xz", lzma.compress), ("x.csv.bz2", bz2.compress)]
)
def test_packed_files_are_read(file: File, name: str, pack: Callable[[bytes], bytes]) -> None:
    content = b"Name,City\n" + b"".join(b"name %d,city\n" % number for number in range(50_000))
    assert len(read(file(pack(content), name))[1]) == 50_000
    assert len(read(file(pack(content[:100_000]) + pack(content[100_000:]), name))[1]) == 50_000
    with pytest.raises(InputError, match=f"{name}: it is cut off"):
        read(file(pack(content)[:-20], name))
    with pytest.raises(InputError, match="damaged or not packed as its name says"):
        read(file(content, name))


def test_an_xz_file_that_asks_for_too_much_memory_is_refused(file: File) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}]
    with pytest.raises(InputError, match="damaged or not packed"):
        read(file(lzma.compress(b"Name\nA\n", filters=filters), "x.csv.xz"))


def test_a_packed_bomb_is_refused_while_it_is_read(file: File) -> None:
    bomb = bz2.compress(b"Name,City\n" + (b"x" * 1_000 + b",y\n") * 70_000)
    with pytest.raises(InputError, match="it unpacks to more than 1,000 times its size, as no table does"):
        read(file(bomb, "x.csv.bz2"))


def test_a_packed_file_may_hold_only_so_much(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MAX_UNPACKED", 1 << 20)
    with pytest.raises(InputError, match="it unpacks to more than 1 MB"):
        read(file(lzma.compress(b"Name,City\n" + b"somebody,somewhere\n" * 100_000), "x.csv.xz"))


def test_a_file_of_empty_rows_is_left_after_a_million(file: File) -> None:
    with pytest.raises(InputError, match="row 3: more than 1,000,000 empty rows follow"):
        read(file(b"Name,City\nA,B\n" + b"\n" * 1_000_002))


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b"", "row 1: it has no header"),
        (b",,\n1,2,3\n", "row 1: it has no header"),
        (b"N\xe4me,City\n", "row 1: the header cannot be read: Column 1 holds the byte 0xE4"),
        (b'Name,City\nA,B\n"C,D\nE,F\n', "row 3: the file is cut off: a quoted text that begins here does not end"),
        (b'Name\n"' + b"x" * 140_000 + b'"\n', "row 2: a cell has more than 131,072 characters"),
        (b"Name" + b"x" * (3 << 20), "line 1 has more than 1,048,576 characters"),
        (bytes(range(256)) * 10, "it is no text"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_where(file: File, content: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        read(file(content))


def test_a_row_that_cannot_be_read_is_one_problem_and_the_rest_is_read(file: File) -> None:
    _, rows = read(file(b'Name,City\nA,B\n"C"x,D\nE,\0\nG,\xff\nH,I\n'))
    assert rows[0] == ["A", "B"]
    assert rows[1][0].startswith("The quotes in this row do not match")
    assert rows[2] == ["City holds a zero character."]
    assert rows[3][0].startswith("City holds the byte 0xFF")
    assert rows[4] == ["H", "I"]
    cut = "Name,City\nA,B\nC,D\n".encode("utf-16") + b"E\0,\0F"
    assert read(file(cut))[1][2] == ["City holds a character that was lost when the file was written or cut."]


def test_a_long_file_needs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("w") as stream:
        stream.write("Name,City\n")
        for _ in range(200):
            stream.write("somebody,somewhere\n" * 5_000)
    tracemalloc.start()
    assert sum(1 for _ in CsvFile(path, "long.csv").rows()) == 1_000_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 << 20


@pytest.mark.parametrize("name", ["x.pdf", "x.xls", "x", "x.xlsx.gz"])
def test_other_files_are_refused_by_name(file: File, name: str) -> None:
    with pytest.raises(InputError, match=r"only CSV|packed already"):
        read(file(b"Name\n", name))


@pytest.mark.parametrize("seed", range(20 if THOROUGH else 2))
def test_whatever_is_changed_in_a_file_each_row_is_read_or_told(file: File, seed: int) -> None:
    chance = random.Random(seed)
    encodings = ("utf-8", "utf-8-sig", "utf-16", "cp1252")
    text = "Name;City;Sum\r\n" + "".join(f'"Ä {n}";"a ""b""\n c";{n},5 €\r\n' for n in range(40))
    for _ in range(200):
        content = bytearray(text.encode(chance.choice(encodings)))
        for _ in range(chance.randint(0, 6)):
            place = chance.randrange(len(content))
            piece = chance.choice((b"\0", b"\xff", b'"', b";", b"\r", b"\n", b"\xef\xbb\xbf", b"\xd8\x00", b"="))
            content[place : place + chance.randint(0, 2)] = piece
        if chance.random() < 0.3:
            del content[chance.randrange(len(content)) :]
        path = file(bytes(content))
        try:
            table = CsvFile(path, "x.csv")
            numbers = [number for number, cells, fault in table.rows() if cells or fault]
        except InputError as error:
            told = error.message
        else:
            told = "x.csv"
            assert numbers == sorted(set(numbers))
        assert told.startswith("x.csv")
