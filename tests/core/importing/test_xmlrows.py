"""Reading files of rows: what is accepted, what is refused, and that memory stays flat."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ecrm_server.importing.problems import InputError
from ecrm_server.importing.xmlrows import read_rows

ROWS = '<rows>\n  <row Id="1" Name="a&amp;b" />\n  <row Id="2" />\n</rows>\n'
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "Things.xml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def ids(path: Path) -> list[str]:
    return [attributes["Id"] for _, attributes in read_rows(path, "rows")]


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        ids(path)
    return caught.value.message


def test_rows_come_with_number_and_attributes(tmp_path: Path) -> None:
    assert list(read_rows(write(tmp_path, HEAD + ROWS), "rows")) == [
        (1, {"Id": "1", "Name": "a&b"}),
        (2, {"Id": "2"}),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + (HEAD + ROWS).encode(),
        HEAD + "<!DOCTYPE rows>\n" + ROWS,
        HEAD + '<!DOCTYPE rows SYSTEM "http://127.0.0.1:9/rows.dtd">\n' + ROWS,
        HEAD + "<!DOCTYPE rows [<!ELEMENT row EMPTY>]>\n" + ROWS,
        HEAD.replace("utf-8", "utf-16").encode("utf-16") + ROWS.encode("utf-16-le"),
        HEAD + "<!-- <!ENTITY in a comment> -->" + ROWS.replace("<row ", "<?hint x?><!-- c --><row "),
    ],
    ids=["byte-order mark", "doctype", "doctype with address", "doctype with elements", "utf-16", "comments"],
)
def test_what_says_nothing_dangerous_is_accepted(tmp_path: Path, data: str | bytes) -> None:
    assert ids(write(tmp_path, data)) == ["1", "2"]


def laughs() -> str:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE rows [<!ENTITY l0 "ha">{levels}]><rows><row Id="&l11;"/></rows>'


@pytest.mark.parametrize(
    "text",
    [
        laughs(),
        '<!DOCTYPE rows [<!ENTITY file SYSTEM "file:///etc/hostname">]><rows><row Id="1">&file;</row></rows>',
        '<!DOCTYPE rows [<!ENTITY % remote SYSTEM "http://127.0.0.1:9/x.dtd"> %remote;]>' + ROWS,
        '<!DOCTYPE rows [<!ENTITY unused "">]>' + ROWS,
    ],
    ids=["billion laughs", "file", "parameter entity", "unused"],
)
def test_declared_entities_are_refused_at_once(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, HEAD + text)
    before = time.process_time()
    assert refusal(path) == "Things.xml: it declares entities, which are refused."
    assert time.process_time() - before < 0.1


@pytest.mark.parametrize(
    "text,sentence",
    [
        ("<other><row/></other>", "Things.xml: the root element is <other>, but <rows> was expected."),
        ("", "Things.xml: it is no XML (no element found, line 1)."),
        ("just words", "Things.xml: it is no XML (syntax error, line 1)."),
        (ROWS[:-12], "Things.xml, after row 1: the XML is cut off or malformed"),
        ('<rows><row Id="1"/><row Id="&undeclared;"/></rows>', "Things.xml, after row"),
        (
            '<rows><row Id="1"/><thing/></rows>',
            "Things.xml, row 2: a <row> was expected, but this is <thing>.",
        ),
        ('<rows><row Id="1"><b/></row></rows>', "Things.xml, row 1: a <row> was expected, but this is <b>."),
        (" " * 3_000_000 + ROWS, "Things.xml: it has no root element."),
    ],
    ids=["root", "empty", "words", "cut off", "entity", "element", "nested", "endless prolog"],
)
def test_what_is_no_file_of_rows_is_refused_with_its_place(tmp_path: Path, text: str, sentence: str) -> None:
    assert refusal(write(tmp_path, text)).startswith(sentence)


def test_a_file_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    whole = (
        HEAD + "<rows>" + "".join(f'<row Id="{n}" Text="words &amp; more"/>' for n in range(40)) + "</rows>"
    )
    for end in range(1, len(whole), 37):
        assert refusal(write(tmp_path, whole[:end])).startswith("Things.xml")


def resident() -> int:
    """Bytes of memory that this process uses now, those of libxml2 included."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_memory_stays_flat(tmp_path: Path) -> None:
    path = tmp_path / "Things.xml"
    with path.open("w") as stream:
        stream.write("<rows>")
        for number in range(100_000):
            stream.write(f'<row Id="{number}" Text="{"words " * 40}"/>\n')
        stream.write("</rows>")
    assert path.stat().st_size > 20_000_000
    rows = read_rows(path, "rows")
    next(rows)
    before, most = resident(), 0
    for number, _ in rows:
        if number % 5_000 == 0:
            most = max(most, resident())
    assert number == 100_000
    assert most - before < 8_000_000
