"""Finding documents: the same on both engines, and nothing that the actor may not read."""

from __future__ import annotations

from contextlib import suppress

import pytest

from ecrm_server import clock
from ecrm_server.data import database, transaction
from ecrm_server.kernel import current
from ecrm_server.search import index
from ecrm_server.search.document import Document
from tests.core.search.conftest import reader

pytestmark = pytest.mark.usefixtures("library")

DAY = clock.DAY
BOOK = "library.book"


def book(
    uid: str, title: str = "", body: str = "", *, scope: str = "open", at: int = 1_000, **more: object
) -> None:
    index.put(BOOK, uid, scope=scope, title=title, body=body, at=at, **more)  # type: ignore[arg-type]


def found(text: str, *shelves: str, **options: object) -> list[str]:
    results = index.query(text, reader(*(shelves or ("open",))), **options)  # type: ignore[arg-type]
    return [hit.uid for hit in results.hits]


def test_all_words_must_be_in_the_document() -> None:
    book("a", "Cleaning a chain", "Use degreaser and a brush.")
    book("b", "Oil", "Any oil will do for a chain.")
    assert set(found("chain")) == {"a", "b"}
    assert found("chain oil") == ["b"]
    assert found("chain petrol") == []


def test_a_word_in_the_title_counts_more() -> None:
    for number in range(20):
        book(f"other{number}", "Something else", "word " * 10)
    book("body", "Nothing of it", "a saddle and a post and other parts of the machine")
    book("title", "Saddle height", "How high should it be, and how do I find out")
    assert found("saddle") == ["title", "body"]


def test_the_last_word_may_be_a_beginning_and_the_others_may_not() -> None:
    book("a", "Derailleur hanger")
    assert found("derail") == ["a"]
    assert found("hanger derail") == ["a"]
    assert found("derail hanger") == []
    assert found('"derail"') == []


def test_diacritics_and_case_and_width_do_not_matter() -> None:
    book("a", "Ñandú in the Café", "STRASSE and Łódź, Ｗｉｄｅ")
    for text in ("nandu", "CAFE", "café", "straße", "łódź", "wide", "cafe\u0301"):
        assert found(text) == ["a"], text


def test_chinese_japanese_korean_and_thai_words_are_found_inside_text() -> None:
    book("a", "自行车修理", "東京で自転車のペダルを買う。한국어 자전거 수리. ซ่อมจักรยาน")
    book("b", "No such character", "nothing")
    for word in (
        "车",
        "自行车",
        "行车",
        "修理",
        "自転車",
        "転",
        "東京",
        "ペダル",
        "ペ",
        "자전거",
        "전거",
        "จักร",
    ):
        assert found(word) == ["a"], word


def test_characters_of_a_word_must_stand_together() -> None:
    book("a", "车行自")
    book("b", "自行车")
    assert found("自行车") == ["b"]


def test_words_of_two_scripts_in_one_are_found() -> None:
    book("a", "Python入門")
    assert found("python入門") == ["a"]
    assert found("入門") == ["a"]
    assert found("python") == ["a"]


def test_a_phrase_stands_in_this_order_and_within_one_field() -> None:
    book("a", "rear wheel", "turns")
    book("b", "wheel", "rear")
    assert found('"rear wheel"') == ["a"]
    assert found('"wheel rear"') == []
    assert found("3.11") == []
    book("c", "Version 3.11")
    assert found("3.11") == ["c"]


def test_exclusions_take_documents_out() -> None:
    book("a", "brake pads", tags=("repair",))
    book("b", "brake levers")
    assert found("brake -pads") == ["b"]
    assert found("brake -tag:repair") == ["b"]
    assert found('brake -"brake levers"') == ["a"]
    assert found("-brake") == []


def test_filters_by_author_tag_place_state_and_time() -> None:
    book(
        "a",
        "Gears",
        author="Ann Lee",
        tags=("repair", "c++"),
        extra={"in": "help/shop", "is": ["solved"]},
        at=DAY,
    )
    book("b", "Gears", author="Bob", tags=("repair",), extra={"in": ["talk"]}, at=20_000 * DAY)
    assert found("gears author:ann") == ["a"]
    assert found('gears author:"ANN LEE"') == ["a"]
    assert set(found("author:ann author:bob")) == {"a", "b"}
    assert found("tag:repair tag:c++") == ["a"]
    assert found("in:help/shop") == ["a"]
    assert set(found("in:help/shop in:talk gears")) == {"a", "b"}
    assert found("is:solved") == ["a"]
    assert found("is:open") == []
    assert found("before:1980") == ["a"]
    assert found("before:1980", kinds=["library.leaflet"]) == []
    assert found("after:1980-01-01 gears") == ["b"]
    assert found("gears before:1970-01-02") == []


def test_only_filters_give_the_newest_first() -> None:
    for number in (3, 1, 2):
        book(str(number), "x", tags=("t",), at=number * DAY)
    assert found("tag:t") == ["3", "2", "1"]
    assert found("x sort:new") == ["3", "2", "1"]


def test_documents_of_other_scopes_are_neither_found_nor_counted() -> None:
    for number in range(30):
        book(f"closed{number}", "secret plan", scope="closed")
    book("mine", "secret lunch")
    results = index.query("secret", reader("open"), limit=5)
    assert [hit.uid for hit in results.hits] == ["mine"]
    assert not results.more
    assert found("secret", "nowhere") == []
    assert index.query("secret", reader()).hits == ()
    assert index.query("plan tag:x -tag:y author:z", reader("open")).hits == ()


def test_a_moved_document_follows_its_scope() -> None:
    book("a", "travels")
    index.rescope(BOOK, ["a"], "closed")
    assert found("travels") == []
    assert found("travels", "closed") == ["a"]


def test_the_same_scope_of_another_kind_is_another_scope() -> None:
    index.put("library.leaflet", "l", scope="open", title="Map", body="", at=1)
    assert found("map", kinds=[BOOK]) == []
    assert found("map", kinds=["library.leaflet"]) == ["l"]
    assert found("map", kinds=["no.such"]) == []


def test_putting_again_replaces_and_removing_forgets() -> None:
    book("a", "first words", "old body", author="Ann", tags=("x",))
    book("a", "second words", "new body", author="Bob", tags=("y",))
    assert found("first") == []
    assert found("old") == []
    assert found("tag:x") == []
    assert found("second body tag:y author:bob") == ["a"]
    index.remove(BOOK, "a")
    index.remove(BOOK, "never there")
    assert found("second") == []
    book("a", "third words")
    assert found("words") == ["a"]


def test_putting_many_takes_the_last_of_a_document_and_rolls_back_with_the_caller() -> None:
    documents = [Document(BOOK, f"d{n % 250}", "open", f"title{n}", "common text", n) for n in range(300)]
    assert index.put_many(documents) == 300
    assert found("title299") == ["d49"]
    assert found("title49") == []
    with suppress(ZeroDivisionError), transaction():
        book("late", "latecomer")
        _ = 1 / 0
    assert found("latecomer") == []
    index.forget_kind(BOOK)
    assert found("common") == []


def test_pages_follow_each_other_without_gap_or_repetition() -> None:
    for number in range(45):
        book(f"n{number}", "same words", "in every one", at=number)
    for text in ("same", "same sort:new"):
        seen, before = [], None
        while True:
            results = index.query(text, reader("open"), before=before, limit=10)
            seen += [hit.uid for hit in results.hits]
            before = results.next
            if not results.more:
                break
        assert sorted(seen) == sorted(f"n{number}" for number in range(45)), text


@pytest.mark.parametrize("text", ["volume", "volume sort:new", "tag:set"])
def test_of_a_group_the_best_is_found_on_one_page_alone(text: str) -> None:
    for number in range(60):
        book(f"n{number % 15}-{number}", "volume" * (number < 15), "a volume", at=number, tags=("set",))
    book("lost", "volume", tags=("set",))
    seen, before = [], None
    while True:
        results = index.grouped(text, reader("open"), before=before, limit=6)
        assert results.count in (15, None)
        assert not results.capped
        seen += [hit.uid for hit in results.hits]
        before = results.next
        if not results.more:
            break
    if text == "volume":
        assert sorted(seen) == sorted(f"n{number}-{number}" for number in range(15)), (
            "those with it in the title"
        )
    assert {uid.partition("-")[0] for uid in seen} == {f"n{number}" for number in range(15)}


def test_many_matches_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "COMMON", 10)
    for number in range(12):
        book(f"n{number}", "words", at=number)
    for text in ("words", "words sort:new"):
        results = index.grouped(text, reader("open"), limit=4)
        assert (results.count is not None and results.count >= 10, results.capped) == (True, True), text
        assert results.more


def test_a_broken_page_key_does_no_harm() -> None:
    book("a", "words")
    for before in ("", "x", "_", "nan_1", "inf_1", "1_x", "1e999_9", "1_99999999999999999999999", "0_0"):
        index.query("words", reader("open"), before=before)
        index.query("words sort:new", reader("open"), before=before)


HOSTILE = [
    '"', '""', "'", "*", "a*", "NEAR(a b)", "a AND", "OR", "NOT", "title:a", "{title} : a", "^a", "a:b:c", "-", "--a",
    "); DROP TABLE search_document; --", "' OR 1=1 --", "a & | ! b", "<->", "':*", "\\", "%s %(x)s ?", "\x00", "f(",
    "author:", 'author:"', "before:9999-99-99", "after:0000", "before:99999", "in:\ud800", "tag:" + "x" * 5000,
    "\ufeff\u200b", "🚲", "a" * 10_000, "x " * 2000, "-tag:a", "is:a -is:a", "sort:", "sort:new", "ß", "İ",
]  # fmt: skip


def test_nothing_that_a_person_types_is_syntax() -> None:
    book("a", "a title", "or a body, near and not far")
    for text in HOSTILE:
        for whole in (text, f"title {text}", f"{text} title"):
            assert set(found(whole)) <= {"a"}, whole
    assert found("title") == ["a"]


def test_a_hit_has_its_text_marked_and_its_gaps_filled() -> None:
    body = (
        "Before anything else is done here, " * 5
        + "take the Café's chain off <b>now</b> "
        + "and then rest " * 30
    )
    book("a", "chain", body, author="Ann", at=77)
    (hit,) = index.query("cafe chain", reader("open")).hits
    assert (hit.title, hit.url, hit.author, hit.at) == ("Book a", "/library/a", "Ann", 77)
    text = "".join(piece for piece, _ in hit.marks)
    assert [piece for piece, marked in hit.marks if marked] == ["Café", "chain"]
    assert "<b>now</b>" in text
    assert text.startswith("… ")
    assert text.endswith(" …")
    assert len(text) < 260


def test_what_its_part_no_longer_shows_is_left_out_and_a_failing_part_does_no_harm() -> None:
    book("lost", "treasure")
    book("kept", "treasure")
    assert found("treasure") == ["kept"]
    assert current.generation().registry.search_kinds["library.fallen"]


def test_scopes_are_part_of_every_statement(library: object) -> None:
    book("a", "words", scope="closed")
    seen: list[str] = []
    hook = lambda event: seen.append(event.sql)  # noqa: E731
    database.obj.query_hooks.append(hook)
    try:
        index.query("words", reader("open"))
        index.query("tag:x", reader("open"))
    finally:
        database.obj.query_hooks.remove(hook)
    assert seen
    assert all("d.scope IN (" in sql for sql in seen)


def test_an_author_gets_another_name() -> None:
    book("a", "Gears", author="Ann Lee", tags=("repair",), extra={"in": ["help"]})
    book("b", "Gears", author="Ann Lee")
    index.reauthor(BOOK, ["a", "c"], "Bob")
    assert found("gears author:bob tag:repair in:help") == ["a"]
    assert found("gears author:ann") == ["b"]
