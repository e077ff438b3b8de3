"""The journey through the pages of imports."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pytest

from ecrm_server.access import SYSTEM
from ecrm_server.data import Prepared
from ecrm_server.jobs import services as jobs
from ecrm_server.kernel.site import Site
from ecrm_server.testing import Browser
from tests.core.importing.tables.crate_steps import edit, stored
from tests.core.importing.tables.page_steps import choose, upload, work

pytestmark = pytest.mark.usefixtures("both_engines", "site")
GOOD = b"Code;Weight;Remark\nP1;1,5;x\nP2;2,5;y\n"


def test_a_file_is_mapped_checked_imported_and_undone(staff: Browser) -> None:
    base = upload(staff, GOOD)
    page = staff.get(f"{base}/mapping").text
    assert '<option value="code" selected>' in page
    assert '<option value="weight" selected>' in page
    assert "1,5" in page
    assert choose(staff, base, "code", "weight").status_code == 303
    work()
    page = staff.get(base).text
    assert "Start the import" in page
    assert "What would happen to the first rows" in page
    assert stored() == []
    staff.post(f"{base}/start")
    work()
    assert [(row[0], row[5]) for row in stored()] == [("P1", 1.5), ("P2", 2.5)]
    assert "Undo this import" in staff.get(base).text
    assert "crates.csv" in staff.get("/admin/imports").text
    staff.post(f"{base}/undo")
    work()
    assert stored() == []
    assert "Undone" in staff.get(f"{base}/state").text


def test_the_key_is_found_out_unless_one_chooses_it(staff: Browser) -> None:
    base = upload(staff, GOOD)
    assert '<option value="auto" selected>Find out' in staff.get(f"{base}/mapping").text
    assert choose(staff, base, "code", "weight", key="auto").status_code == 303
    work()
    assert "Start the import" in staff.get(base).text


def test_rows_are_taken_together_as_the_form_says(staff: Browser) -> None:
    base = upload(staff, b"Code,Weight,Worth\nP1,1,x\nP1,3,2.50\n,4,1\n")
    page = staff.get(f"{base}/mapping").text
    assert '<option value="median">' in page
    chosen = {"together": "1", "no_key": "leave out", "collect-1": "sum", "unfit-2": "leave out", "unfit-0": "fail"}
    answer = choose(staff, base, "code", "", "worth", **chosen, **{"collect-2": "rows"})
    assert answer.status_code == 422
    assert "Worth: &#39;rows&#39; makes no Worth. Choose one of first, last" in answer.text
    assert choose(staff, base, "code", "weight", "worth", **chosen).status_code == 303
    work()
    page = staff.get(base).text
    assert "Worth is &#39;x&#39;, which is no number (left out in row 2)." in page
    staff.post(f"{base}/start")
    work()
    assert [(row[0], row[5], row[7]) for row in stored()] == [("P1", 4.0, 250)]
    page = staff.get(base).text
    for name, number in (("Read", 3), ("Created", 1), ("Taken together", 1), ("Skipped: the key is empty", 1)):
        assert re.search(f"<dt>(<span[^>]*></span>)?{name}</dt><dd>{number}</dd>", page)


def test_bad_rows_forbid_the_start_and_come_back_as_a_file(staff: Browser) -> None:
    base = upload(staff, b"Code,Weight\nP1,1\nP2,heavy\n")
    choose(staff, base, "code", "weight")
    work()
    page = staff.get(base).text
    assert "Weight is &#39;heavy&#39;, which is no number." in page
    assert "Start the import" not in page
    staff.post(f"{base}/start")
    work()
    assert stored() == []
    choose(staff, base, "code", "weight", keep_good="1")
    work()
    staff.post(f"{base}/start")
    work()
    assert [row[0] for row in stored()] == ["P1"]
    answer = staff.get(f"{base}/failed.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="crates-failed.csv"'
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[1] == ["P2", "heavy", "Weight is 'heavy', which is no number."]


def test_what_was_edited_since_is_listed_before_anything_is_undone(staff: Browser) -> None:
    base = upload(staff, GOOD)
    choose(staff, base, "code", "weight")
    work()
    staff.post(f"{base}/start")
    work()
    edit("P1", "weight", 9)
    staff.post(f"{base}/undo")
    work()
    page = staff.get(base).text
    assert "Changed since the import: Weight." in page
    assert len(stored()) == 2
    staff.post(f"{base}/undo", {"rest": "1"})
    work()
    assert [row[0] for row in stored()] == ["P1"]


def test_an_undoing_that_was_stopped_before_it_began_still_lists_what_was_edited(staff: Browser) -> None:
    base = upload(staff, GOOD)
    choose(staff, base, "code", "weight")
    work()
    staff.post(f"{base}/start")
    work()
    edit("P1", "weight", 9)
    staff.post(f"{base}/undo")
    jobs.cancel(Prepared("SELECT uid FROM job WHERE state = 'queued'").value(), SYSTEM)
    staff.post(f"{base}/continue")
    work()
    assert "Changed since the import: Weight." in staff.get(base).text
    assert len(stored()) == 2


def test_a_mapping_is_kept_as_a_template(staff: Browser) -> None:
    base = upload(staff, b"Nummer,Gewicht\nP1,1\n")
    choose(staff, base, "code", "weight", template_name="Freight forwarder")
    other = upload(staff, b"Nummer,Gewicht\nP2,1\n")
    assert '<option value="weight" selected>' not in staff.get(f"{other}/mapping").text
    page = staff.get(f"{other}/mapping?template=Freight+forwarder").text
    assert '<option value="weight" selected>' in page
    uid = Prepared("SELECT uid FROM import_template").value()
    staff.post(f"/admin/imports/templates/crates/{uid}/delete")
    assert Prepared("SELECT COUNT(*) FROM import_template").value() == 0


@pytest.mark.parametrize(
    "content, name, sentence",
    [
        (b"Code\nP1\n", "crates.pdf", "Choose a CSV file"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(200), "crates.csv", "it is no text"),
        (b"PK\x03\x04 but not really", "crates.xlsx", "cut off, damaged"),
        (b"", "crates.csv", "it has no header"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_once(
    staff: Browser, content: bytes, name: str, sentence: str
) -> None:
    answer = staff.post("/admin/imports/new", {"kind": "crates", "file": (io.BytesIO(content), name)})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert Prepared("SELECT COUNT(*) FROM import_run").value() == 0


def test_a_wrong_mapping_is_told_at_the_form(staff: Browser) -> None:
    base = upload(staff, GOOD)
    answer = choose(staff, base, "", "weight")
    assert answer.status_code == 422
    assert "No column is assigned to Code" in answer.text
    assert choose(staff, base, "code", "code").status_code == 422


def test_another_encoding_is_offered_and_read_again(staff: Browser) -> None:
    base = upload(staff, "Code;Größe\nP1;Small\n".encode("cp1252"))
    page = staff.get(f"{base}/mapping").text
    assert "Größe" in page
    assert '<option value="windows-1252" selected>' in page
    answer = choose(staff, base, verb="look", encoding="utf-8")
    assert "the header cannot be read" in answer.text


def test_without_the_kinds_permission_an_import_is_not_there(staff: Browser, sign_in: Callable[..., Browser]) -> None:
    base = upload(staff, GOOD)
    Prepared("DELETE FROM role_permission WHERE permission = 'crates.import'").run()
    member = sign_in("Mia")
    assert member.get(base).status_code == 403
    assert sign_in("Olga", "staff").get(base).status_code == 200


def test_a_file_above_the_limit_is_not_taken(site: Site, sign_in: Callable[..., Browser]) -> None:
    admin = sign_in("Ada", "admin")
    admin.post("/admin/settings/importing", {"max_megabytes": "1", "zone": "UTC"})
    content = b"Code\n" + b"x" * (3 << 20)
    answer = admin.post("/admin/imports/new", {"kind": "crates", "file": (io.BytesIO(content), "crates.csv")})
    assert answer.status_code == 413
