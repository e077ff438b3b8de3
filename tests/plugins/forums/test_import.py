"""Importing a Stack Exchange dump: what becomes of its rows, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecrm_server import clock
from ecrm_server.data import Prepared
from ecrm_server.errors import EcrmError
from ecrm_server.importing.problems import InputError
from ecrm_server.importing.progress import Progress
from ecrm_server.search import index as search_index
from tests.plugins.forums.conftest import Community, module
from tests.plugins.forums.dumps import (
    AT,
    LICENCE,
    SITE,
    answer,
    comment,
    question,
    row,
    small_files,
    user,
    vote,
    write_dump,
)  # fmt: skip

pytestmark = pytest.mark.plugins("forums")
Files = dict[str, list[dict[str, str]]]
POST = Prepared("SELECT * FROM forums_post WHERE source_id = ?")
TOPIC = Prepared(
    "SELECT t.* FROM forums_topic t JOIN forums_post p ON p.id = t.first_post_id WHERE p.source_id = ?"
)
MARCH = 1_330_560_000_500 + 10 * 3_600_000
"""10:00 on 1 March 2012, and half a second."""


@pytest.fixture
def run(forums: Community, tmp_path: Path) -> Callable[..., dict[str, int]]:
    """Import files as a dump; gives the counts."""

    def run(files: Files, **options: Any) -> dict[str, int]:
        folder = write_dump(tmp_path / "dump", files)
        return run_folder(folder, **options)

    return run


def run_folder(folder: Path, **options: Any) -> dict[str, int]:
    importer = module("importer.stackexchange")
    told: list[str] = []
    counts: dict[str, int] = importer.run(
        importer.Options(folder, **{"site_url": SITE, **options}), Progress(), told.append
    )
    return counts | dict.fromkeys(told, 1)


def with_posts(*posts: dict[str, str]) -> Files:
    return small_files() | {"Posts.xml": [*small_files()["Posts.xml"], *posts]}


def fact(sql: str, *params: Any) -> Any:
    return Prepared(sql).value(*params)


def test_questions_become_topics_with_tags_views_and_times(run: Any) -> None:
    run(small_files())
    topic = TOPIC.row("post/1")
    assert topic is not None
    assert (topic["title"], topic["tags"], topic["view_count"]) == (
        "Question 1 about kettles",
        "steel tea",
        7,
    )
    assert (topic["reply_count"], topic["last_position"], topic["score"]) == (3, 3, 2)
    assert topic["created_at"] == MARCH
    assert (topic["closed"], topic["closed_at"]) == (False, None)


@pytest.mark.usefixtures("both_engines")
def test_a_closed_question_keeps_when_it_was_closed(run: Any, site: Any, visitor: Any) -> None:
    run(small_files())
    topic = TOPIC.row("post/2")
    assert topic is not None
    assert topic["closed"]
    assert topic["closed_at"] == MARCH + 4 * clock.DAY
    page = visitor.get(f"/forums/t/{topic['slug']}/{topic['uid']}").text
    assert re.search(r'closed <time datetime="2012-03-05T10:00:00', page)
    shown = visitor.get(f"/api/v1/forums/topics/{topic['uid']}").get_json()
    assert (shown["closed"], shown["closed_at"]) == (True, "2012-03-05T10:00:00.500Z")


def test_the_last_post_is_the_last_activity(run: Any) -> None:
    run(small_files())
    topic = TOPIC.row("post/1")
    assert topic is not None
    assert topic["last_post_at"] == topic["bumped_at"] == MARCH + 3 * 86_400_000
    assert topic["last_author_name"] == "Somebody gone"


def test_accepted_answers_are_accepted(run: Any) -> None:
    run(small_files())
    accepted = POST.row("post/3")
    assert accepted is not None
    assert accepted["accepted"]
    assert TOPIC.row("post/1")["accepted_post_id"] == accepted["id"]  # type: ignore[index]


def test_comments_reply_to_their_post_as_markdown_without_html(run: Any) -> None:
    run(small_files())
    stored, parent = POST.row("comment/1"), POST.row("post/3")
    assert stored is not None
    assert parent is not None
    assert (stored["parent_id"], stored["position"]) == (parent["id"], parent["position"])
    assert "<strong>agree</strong>" in stored["html"]
    assert "&lt;b&gt;" in stored["html"]
    assert (stored["source_format"], stored["score"], stored["anonymous_up"]) == ("comment", 4, 4)


def test_replies_are_numbered_in_the_order_of_their_times(run: Any) -> None:
    late = comment(9, 1, CreationDate=AT.format(9))
    early = comment(2, 3, CreationDate="2001-01-01T00:00:00.000")  # older than the post it belongs to
    run(small_files() | {"Comments.xml": [*small_files()["Comments.xml"], late, early]})
    order = Prepared(
        "SELECT source_id FROM forums_post WHERE topic_id = (SELECT topic_id FROM forums_post WHERE source_id ="
        " 'post/1') ORDER BY number"
    ).tuples()
    assert [key for (key,) in order] == ["post/1", "post/3", "comment/2", "comment/1", "post/4", "comment/9"]


def test_votes_without_voters_make_the_score(run: Any) -> None:
    counts = run(small_files())
    first, answered = POST.row("post/1"), POST.row("post/3")
    assert first is not None
    assert answered is not None
    assert (first["score"], first["anonymous_up"], first["anonymous_down"]) == (2, 2, 0)
    assert (answered["score"], answered["anonymous_up"], answered["anonymous_down"]) == (-1, 0, 1)
    assert counts["votes left out: favourite"] == 1
    assert counts["votes on absent posts"] == 1
    assert counts["posts whose votes were completed to their score"] == 0


def test_votes_are_completed_to_the_score_where_they_do_not_add_up(run: Any) -> None:
    counts = run(with_posts(question(7, Score=5), answer(8, 7, Score=-2)) | {"Votes.xml": [vote(1, 7)]})
    assert [POST.row(f"post/{key}")["score"] for key in (7, 8, 1)] == [5, -2, 2]  # type: ignore[index]
    assert counts["posts whose votes were completed to their score"] == 4
    assert fact("SELECT COUNT(*) FROM forums_post WHERE score <> anonymous_up - anonymous_down") == 0


def test_source_author_and_licence_stand_on_each_row(run: Any) -> None:
    run(small_files())
    expected = {
        "post/1": (f"{SITE}/q/1", f"{SITE}/users/1"),
        "post/3": (f"{SITE}/a/3", f"{SITE}/users/2"),
        "post/4": (f"{SITE}/a/4", ""),
        "comment/1": (f"{SITE}/questions/1#comment1_3", f"{SITE}/users/1"),
    }
    for key, addresses in expected.items():
        stored = POST.row(key)
        assert stored is not None
        assert (stored["source_url"], stored["author_url"]) == addresses
        assert (stored["licence"], stored["source_name"]) == (LICENCE, "kettles.example.org")


def test_an_author_without_a_number_keeps_the_name(run: Any) -> None:
    counts = run(with_posts(answer(5, 1, OwnerUserId=None)))
    named, nameless = POST.row("post/4"), POST.row("post/5")
    assert named is not None
    assert nameless is not None
    assert (named["author_id"], named["author_name"]) == (None, "Somebody gone")
    assert (nameless["author_id"], nameless["author_name"]) == (None, "")
    assert counts["posts without a user id"] == 2


def test_names_may_repeat_but_handles_differ(run: Any) -> None:
    counts = run(
        small_files() | {"Users.xml": [user(1), user(2, "admin"), user(3), user(4, "ADA"), user(5, " ")]}
    )
    handles = Prepared("SELECT handle FROM profile WHERE source IS NOT NULL ORDER BY id").tuples()
    assert [handle for (handle,) in handles] == ["ada", "admin-2", "ada-2", "ada-3", "user5"]
    assert counts["users with a name that another one has"] == 1


def test_nothing_but_name_page_and_time_of_people_is_kept(run: Any) -> None:
    run(small_files())
    people = Prepared("SELECT * FROM profile WHERE source IS NOT NULL").rows()
    assert len(people) == 3
    assert "secret" not in str(people)
    assert {person["account_id"] for person in people} == {None}


def test_authors_are_no_customers_until_somebody_links_them(
    run: Any, sign_in: Any, deliver: Callable[[], int]
) -> None:
    run(small_files())
    deliver()
    customers = Prepared("SELECT name FROM customer")
    assert customers.tuples() == []
    sign_in("Ada")
    deliver()
    assert customers.tuples() == [("Ada",)]
    assert Prepared("SELECT COUNT(*) FROM profile WHERE source IS NOT NULL AND account_id IS NULL").value() == 3


def test_links_to_imported_posts_become_permalinks(run: Any) -> None:
    old = "http://meta.kettles.example.org"
    addresses = {
        f"{SITE}/questions/1/some-title": "post/1",
        f"{SITE}/questions/1": "post/1",
        f"{SITE}/questions/1/some-title/3#3": "post/3",
        f"{SITE}/questions/1/some-title#4": "post/4",
        f"{SITE}/a/3/77": "post/3",
        f"{SITE.replace('https', 'http')}/q/2": "post/2",
        "/questions/2/relative?rq=1": "post/2",
        f"{SITE}/questions/1/title#comment1_3": "comment/1",
        f"{SITE}/q/98765": None,
        f"{SITE}/questions/tagged/coffee": None,
        f"{SITE}/users/1/ada": None,
        f"{old}/q/1": None,  # only of sites whose address has a meta in it
        "https://kettles.example.org.evil.example/q/1": None,
    }
    body = "".join(f'<a href="{address}">x</a>' for address in addresses)
    run(with_posts(question(7, body)))
    html = POST.row("post/7")["html"]  # type: ignore[index]
    for address, key in addresses.items():
        if key is None:
            assert f'href="{address}"' in html
        else:
            assert f'href="/forums/p/{POST.row(key)["uid"]}"' in html  # type: ignore[index]
            assert f'href="{address}"' not in html


def test_links_to_tags_lead_to_our_tags(run: Any) -> None:
    run(with_posts(question(7, f'<a href="{SITE}/questions/tagged/tea">x</a>')))
    assert 'href="/forums/tag/tea"' in POST.row("post/7")["html"]  # type: ignore[index]


def test_links_in_comments_are_rewritten_too(run: Any) -> None:
    run(small_files() | {"Comments.xml": [comment(1, 3, f"See [this]({SITE}/q/2).")]})
    assert f'href="/forums/p/{POST.row("post/2")["uid"]}"' in POST.row("comment/1")["html"]  # type: ignore[index]


def test_pictures_of_other_hosts_become_links(run: Any) -> None:
    counts = run(with_posts(question(7, '<p><img src="https://pics.example.com/a.png" alt="A kettle"></p>')))
    html = POST.row("post/7")["html"]  # type: ignore[index]
    assert "<img" not in html
    assert "Picture: A kettle" in html
    assert counts["pictures that become links"] == counts["posts with pictures of other hosts"] == 1


def test_tag_wikis_describe_their_tags(run: Any) -> None:
    wiki = {"OwnerUserId": 1, "PostTypeId": 5, "Title": None, "Tags": None}
    posts = [
        question(20, "For <b>leaves</b>.", **wiki | {"PostTypeId": 4}), question(21, "Much longer.", **wiki),
        question(22, "", **wiki | {"PostTypeId": 4}), question(23, "Only long.", **wiki), question(24, "x", **wiki),
    ]  # fmt: skip
    tags = [
        row(Id=1, TagName="tea", Count=2, ExcerptPostId=20, WikiPostId=21),
        row(Id=2, TagName="Steel", Count=2, ExcerptPostId=22, WikiPostId=23),
    ]
    counts = run(with_posts(*posts) | {"Tags.xml": tags})
    described = Prepared(
        "SELECT name, description, source_url, author_name, licence FROM forums_tag ORDER BY name"
    )
    assert described.tuples() == [
        ("steel", "Only long.", f"{SITE}/q/23", "Ada", LICENCE),
        ("tea", "For leaves.", f"{SITE}/q/20", "Ada", LICENCE),
    ]
    left_out = {name: number for name, number in counts.items() if name.startswith("tag wikis")}
    assert left_out == {
        "tag wikis read": 5, "tag wikis that become descriptions": 2, "tag wikis left out: empty": 1,
        "tag wikis left out: the tag has a shorter description": 1, "tag wikis left out: of no tag": 1,
    }  # fmt: skip


def test_badges_are_awarded_in_their_grade(run: Any) -> None:
    badge = {"UserId": 1, "Date": AT.format(1), "Class": 3, "TagBased": "False"}
    rows = [
        row(Id=1, Name="Brewer", **badge), row(Id=2, Name="Brewer", **badge | {"UserId": 2}),
        row(Id=3, Name="tea", **badge | {"Class": 1, "TagBased": "True"}), row(Id=4, Name="x", **badge | {"UserId": 9}),
    ]  # fmt: skip
    counts = run(small_files() | {"Badges.xml": rows})
    given = Prepared(
        "SELECT b.name, b.grade, b.tag_based, COUNT(*) FROM forums_award a JOIN forums_badge b ON b.id = a.badge_id"
        " GROUP BY b.name, b.grade, b.tag_based ORDER BY b.name"
    ).tuples()
    assert [(name, grade, bool(tag), many) for name, grade, tag, many in given] == [
        ("Brewer", "bronze", False, 2), ("tea", "gold", True, 1),
    ]  # fmt: skip
    assert counts["badges of absent users, left out"] == 1


def test_links_join_the_topics_of_their_posts(run: Any) -> None:
    def link(key: int, post: int, related: int, kind: int = 1) -> dict[str, str]:
        return row(Id=key, CreationDate=AT.format(1), PostId=post, RelatedPostId=related, LinkTypeId=kind)

    rows = [link(1, 3, 2), link(2, 2, 1, 3), link(3, 1, 99), link(4, 1, 3), link(5, 4, 2)]
    counts = run(small_files() | {"PostLinks.xml": rows})
    stored = Prepared(
        "SELECT a.title, b.title, l.kind FROM forums_topic_link l JOIN forums_topic a ON a.id = l.topic_id"
        " JOIN forums_topic b ON b.id = l.target_id ORDER BY l.kind"
    ).tuples()
    one, two = "Question 1 about kettles", "Question 2 about kettles"
    assert stored == [(two, one, "duplicate"), (one, two, "linked")]
    assert counts["links to absent posts, left out"] == 1
    assert counts["links of a topic to itself, left out"] == 1
    assert TOPIC.row("post/1")["link_count"] == 2  # type: ignore[index]


def test_rows_that_belong_nowhere_are_counted(run: Any) -> None:
    odd = question(30, PostTypeId=6)
    files = with_posts(answer(31, 99), odd) | {
        "Comments.xml": [comment(1, 99), comment(2, 30), comment(3, 1)]
    }
    counts = run(files)
    assert counts["answers to absent questions"] == 1
    assert counts["posts left out: moderator nominations"] == 1
    assert counts["comments on absent posts, left out"] == 1
    assert counts["comments on other posts, left out"] == 1
    assert counts["comments created"] == 1


def test_events_are_marked_as_imported_and_nobody_is_told(run: Any, deliver: Callable[[], int]) -> None:
    run(small_files())
    found = Prepared("SELECT name, imported FROM event WHERE name LIKE 'forums.%'").tuples()
    assert sorted(name for name, _ in found).count("forums.replied") == 3
    assert all(imported for _, imported in found)
    deliver()
    assert fact("SELECT COUNT(*) FROM event_delivery WHERE subscriber LIKE 'forums:%'") == 0
    assert fact("SELECT COUNT(*) FROM notice") == 0


def test_imported_posts_are_found(run: Any, sign_in: Any, person: Any) -> None:
    run(small_files() | {"Comments.xml": [comment(1, 3, "Descaling with vinegar")]})
    uid = POST.row("comment/1")["uid"]  # type: ignore[index]
    found = search_index.query("vinegar", person("Grace"))
    assert [hit.uid for hit in found.hits] == [uid]


def test_twice_changes_nothing(run: Any) -> None:
    run(small_files())
    before = _everything()
    counts = run(small_files())
    changes = (" created", " changed", " written")
    assert {name: n for name, n in counts.items() if n and name.endswith(changes)} == {}
    assert _everything() == before
    assert (counts["questions unchanged"], counts["answers unchanged"], counts["comments unchanged"]) == (
        2,
        2,
        1,
    )
    assert counts["posts and comments of this site that are here already"] == 5


def _everything() -> list[Any]:
    tables = (
        "profile",
        "forums_category",
        "forums_topic",
        "forums_post",
        "forums_tag",
        "forums_topic_tag",
        "event",
    )
    return [Prepared(f"SELECT * FROM {table} ORDER BY 1, 2").tuples() for table in tables]


def test_a_post_edited_here_is_kept(run: Any, forums: Community, person: Any) -> None:
    run(small_files())
    moderator = person("Max", "moderator")
    forums.posts.edit(moderator, POST.row("post/3")["uid"], source="Edited here.")  # type: ignore[index]
    changed = small_files()
    changed["Posts.xml"][2]["Body"] = "<p>Changed there.</p>"
    changed["Posts.xml"][3]["Body"] = "<p>Changed there too.</p>"
    counts = run(changed)
    assert POST.row("post/3")["source"] == "Edited here."  # type: ignore[index]
    assert POST.row("post/4")["source"] == "<p>Changed there too.</p>"  # type: ignore[index]
    assert (counts["answers edited here, kept"], counts["answers changed"]) == (1, 1)
    assert POST.row("post/3")["licence"] == LICENCE  # type: ignore[index]


def test_votes_given_here_survive_a_second_import(run: Any, forums: Community, person: Any) -> None:
    run(small_files())
    forums.votes.vote(person("Grace"), POST.row("post/1")["uid"], 1)  # type: ignore[index]
    changed = small_files()
    changed["Posts.xml"][0]["Score"] = "4"
    run(changed)
    assert POST.row("post/1")["score"] == 5  # type: ignore[index]


def test_a_newer_dump_adds_after_what_was_written_here(run: Any, forums: Community, person: Any) -> None:
    run(small_files())
    topic = TOPIC.row("post/1")
    assert topic is not None
    forums.posts.reply(person("Grace"), topic["uid"], source="Written here.")
    run(with_posts(answer(50, 1, CreationDate=AT.format(9))))
    numbers = Prepared("SELECT number, position FROM forums_post WHERE topic_id = ? ORDER BY number").tuples(
        topic["id"]
    )
    assert [number for number, _ in numbers] == [1, 2, 3, 4, 5, 6]
    added = POST.row("post/50")
    assert added is not None
    assert (added["number"], added["position"]) == (6, 5)
    assert TOPIC.row("post/1")["last_position"] == 5  # type: ignore[index]


def test_a_dry_run_writes_nothing(run: Any) -> None:
    before = _everything()
    counts = run(small_files(), dry_run=True)
    assert _everything() == before
    assert fact("SELECT COUNT(*) FROM import_run") == 0
    assert (counts["questions"], counts["answers"]) == (2, 2)


def test_the_category_is_named_after_the_site_or_as_asked(run: Any) -> None:
    run(small_files())
    assert fact("SELECT name FROM forums_category") == "Kettles Example.org".replace(".org", " Org")
    run(small_files(), category="Tea time")
    assert fact("SELECT COUNT(*) FROM forums_category") == 2
    assert fact("SELECT topic_count FROM forums_category WHERE name = 'Tea time'") == 0


def test_missing_optional_files_are_told(run: Any) -> None:
    counts = run({name: rows for name, rows in small_files().items() if name in ("Users.xml", "Posts.xml")})
    assert counts["Comments.xml is not there: no comments."] == 1
    assert POST.row("post/1")["score"] == 2  # type: ignore[index]


@pytest.mark.parametrize("name", ["Users.xml", "Posts.xml"])
def test_a_missing_required_file_is_named(run: Any, tmp_path: Path, name: str) -> None:
    folder = write_dump(tmp_path / "part", {key: rows for key, rows in small_files().items() if key != name})
    with pytest.raises(EcrmError, match=f"^{name} is missing in "):
        run_folder(folder)


FAULTS = [
    ("Posts.xml", {"CreationDate": None}, "Posts.xml, row with Id 1: the attribute CreationDate is missing."),
    (
        "Posts.xml",
        {"ContentLicense": None},
        "Posts.xml, row with Id 1: the attribute ContentLicense is missing.",
    ),
    ("Posts.xml", {"Title": None}, "Posts.xml, row with Id 1: the attribute Title is missing."),
    ("Posts.xml", {"Id": None}, "Posts.xml, row 1: the attribute Id is missing."),
    ("Posts.xml", {"Id": "2"}, "Posts.xml, row 2: the Id 2 came before."),
    ("Posts.xml", {"Score": "many"}, "Posts.xml, row with Id 1: Score is 'many', which is no whole number."),
    (
        "Posts.xml",
        {"Score": "9" * 12},
        "Posts.xml, row with Id 1: Score is 999999999999, which is out of range.",
    ),
    ("Posts.xml", {"Tags": "<!!>"}, "Posts.xml, row with Id 1: Tags: '!!' cannot be a tag"),
    (
        "Comments.xml",
        {"CreationDate": "yesterday"},
        "Comments.xml, row with Id 1: CreationDate is 'yesterday', which",
    ),
    ("Votes.xml", {"PostId": ""}, "Votes.xml, row with Id 1: PostId is '', which is no whole number."),
    ("Users.xml", {"DisplayName": None}, "Users.xml, row with Id 1: the attribute DisplayName is missing."),
]


@pytest.mark.parametrize("name,change,sentence", FAULTS)
def test_one_sentence_names_file_row_and_problem(
    run: Any, name: str, change: dict[str, str | None], sentence: str
) -> None:
    files = small_files()
    files[name][0] = row(**files[name][0] | change)
    before = _everything()
    with pytest.raises(InputError) as caught:
        run(files)
    assert caught.value.message.startswith(sentence)
    assert _everything() == before


def test_every_problem_stands_in_the_error_file(run: Any, tmp_path: Path) -> None:
    files = small_files()
    files["Posts.xml"][0]["Score"] = "=1+1"
    del files["Comments.xml"][0]["Text"]
    with pytest.raises(InputError, match=r"There is one more problem\.$"):
        run(files, error_file=tmp_path / "errors.csv")
    lines = (tmp_path / "errors.csv").read_text("utf-8").splitlines()
    assert lines[0] == "file,row,problem"
    assert [line.split(",")[0] for line in lines[1:]] == ["Posts.xml", "Comments.xml"]


@pytest.mark.parametrize(
    "folder,host",
    [
        ("bicycles-meta.stackexchange", "bicycles.meta.stackexchange.com"),
        ("bicycles.stackexchange", "bicycles.stackexchange.com"),
        ("ru.meta.stackoverflow.com", "ru.meta.stackoverflow.com"),
        ("dump", None),
    ],
)
def test_the_name_of_the_folder_tells_the_site(
    forums: Community, tmp_path: Path, folder: str, host: str | None
) -> None:
    assert module("importer.site").host_of_folder(tmp_path / folder) == host


def test_else_links_that_name_a_question_tell_the_site(run: Any) -> None:
    body = '<a href="https://other.example.com/questions/1/another-title">x</a>' * 3
    body += f'<a href="{SITE}/questions/1/question-1-about-kettles">y</a>'
    run(with_posts(question(7, body)), site_url="")
    assert POST.row("post/1")["source_name"] == "kettles.example.org"  # type: ignore[index]


def test_an_unknown_site_is_asked_for(run: Any) -> None:
    with pytest.raises(EcrmError, match="--site-url"):
        run(small_files(), site_url="")
    with pytest.raises(EcrmError, match="no address of a site"):
        run(small_files(), site_url="ftp://kettles.example.org")
