"""The real community: every row is imported or counted, and a killed import ends as an uninterrupted one does."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.forums.dumps import ROOT, real_dump

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
KILLS = 5
ROWS = {
    "posts read": 1446, "users read": 2551, "comments read": 2448, "votes read": 5671, "badges read": 6585,
    "links read": 189, "tags read": 94,
}  # fmt: skip


def ecrm(instance: Path, *arguments: str, url: str = "") -> subprocess.Popen[str]:
    """Start the real command on an instance."""
    environment = os.environ | {"DATABASE_URL": url or database_of(instance)}
    return subprocess.Popen(
        [sys.executable, "-m", "ecrm_server.cli", "--instance", str(instance), *arguments],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def done(process: subprocess.Popen[str]) -> str:
    """The output of a command that must succeed."""
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors[-2000:]
    return output


def summary(output: str) -> dict[str, int]:
    """The labelled lines of an import."""
    lines = re.findall(r"^(.+): (\d+)$", output, re.MULTILINE)
    assert len(lines) == len(output.splitlines())
    return {name: int(number) for name, number in lines}


def database_of(instance: Path) -> str:
    return f"sqlite:///{instance / 'ecrm.db'}"


@contextmanager
def reader(url: str) -> Iterator[Callable[..., list[tuple[Any, ...]]]]:
    """A connection of its own, as another process has one: gives a function from SQL to rows."""
    connection: Any
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=10)
    else:
        import psycopg

        connection = psycopg.connect(url, autocommit=True)
    with closing(connection):
        yield lambda sql: list(connection.execute(sql).fetchall())


CONTENT = {
    "profile": "SELECT uid, name, handle, source, source_key, source_url, created_at FROM profile WHERE source <> ''",
    "category": "SELECT name, topic_count, post_count FROM forums_category",
    "tag": "SELECT name, topic_count, description, source_url, author_name, licence FROM forums_tag",
    "topic": (
        "SELECT t.uid, c.name, t.title, t.slug, a.uid, t.author_name, f.uid, x.uid, l.uid, t.last_author_name,"
        " t.last_post_at, t.reply_count, t.last_number, t.last_position, t.view_count, t.score, t.link_count, t.tags,"
        " t.closed, t.created_at, t.bumped_at, t.version FROM forums_topic t JOIN forums_category c ON c.id ="
        " t.category_id LEFT JOIN profile a ON a.id = t.author_id LEFT JOIN profile l ON l.id = t.last_author_id"
        " JOIN forums_post f ON f.id = t.first_post_id LEFT JOIN forums_post x ON x.id = t.accepted_post_id"
    ),
    "post": (
        "SELECT p.uid, t.uid, o.uid, a.uid, p.author_name, p.number, p.position, p.score, p.anonymous_up,"
        " p.anonymous_down, p.accepted, p.created_at, p.edited_at, p.version, p.source_format, p.source_id,"
        " p.source_url, p.author_url, p.licence, p.excerpt, p.source, p.html FROM forums_post p"
        " JOIN forums_topic t ON t.id = p.topic_id LEFT JOIN forums_post o ON o.id = p.parent_id"
        " LEFT JOIN profile a ON a.id = p.author_id"
    ),
    "topic_tag": (
        "SELECT g.name, t.uid FROM forums_topic_tag x JOIN forums_tag g ON g.id = x.tag_id"
        " JOIN forums_topic t ON t.id = x.topic_id"
    ),
    "topic_link": (
        "SELECT a.uid, b.uid, l.kind, l.at FROM forums_topic_link l JOIN forums_topic a ON a.id = l.topic_id"
        " JOIN forums_topic b ON b.id = l.target_id"
    ),
    "award": (
        "SELECT b.name, b.grade, b.tag_based, p.uid, a.source_id, a.at FROM forums_award a"
        " JOIN forums_badge b ON b.id = a.badge_id JOIN profile p ON p.id = a.profile_id"
    ),
    "search": "SELECT kind, uid, title, body, author, tags, extra, at FROM search_document",
}


def digests(url: str) -> dict[str, str]:
    """A digest of each content table without database keys, the same on both engines; and of the events."""
    with reader(url) as rows:
        found = {name: rows(sql) for name, sql in CONTENT.items()}
        events = rows("SELECT name, data FROM event WHERE name LIKE 'forums.%'")
    told = [(name, *sorted(_without_category(data).items(), key=str)) for name, data in events]
    return {name: _digest(table) for name, table in {**found, "event": told}.items()}


def _without_category(data: str) -> dict[str, Any]:
    return {key: value for key, value in json.loads(data).items() if key != "category"}


def _digest(rows: list[tuple[Any, ...]]) -> str:
    plain = sorted(repr(tuple(int(cell) if isinstance(cell, bool) else cell for cell in row)) for row in rows)
    return f"{len(rows)} rows {hashlib.sha256(chr(10).join(plain).encode()).hexdigest()}"


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """An instance with the community, imported without interruption, and the summary."""
    folder, instance = real_dump(), tmp_path_factory.mktemp("reference")
    done(ecrm(instance, "init"))
    return instance, summary(done(ecrm(instance, "import", "stackexchange", str(folder))))


def test_every_row_is_imported_or_counted(imported: tuple[Path, dict[str, int]]) -> None:
    _, counts = imported
    assert {name: counts[name] for name in ROWS} == ROWS
    left_out = {name: number for name, number in counts.items() if "left out" in name}
    votes = sum(number for name, number in left_out.items() if name.startswith("votes left out"))
    assert counts["votes up"] + counts["votes down"] + votes + counts["votes on absent posts"] == 5671
    assert counts["questions"] + counts["answers"] + counts["tag wikis read"] == 1446
    wikis = sum(number for name, number in left_out.items() if name.startswith("tag wikis"))
    assert wikis + counts["tag wikis that become descriptions"] == counts["tag wikis read"] == 22
    assert counts["posts without a user id"] == 41
    assert counts["comments without a user id"] == 85
    assert counts["votes on absent posts"] == 163
    assert counts["links to absent posts, left out"] == 7
    assert counts["users with a name that another one has"] == 100
    assert (counts["posts with pictures of other hosts"], counts["pictures that become links"]) == (136, 246)


def test_what_was_created_is_what_was_read(imported: tuple[Path, dict[str, int]]) -> None:
    instance, counts = imported
    created = {
        name: counts[f"{name} created"] for name in ("topics", "answers", "comments", "profiles", "awards")
    }
    assert created == {"topics": 453, "answers": 971, "comments": 2448, "profiles": 2551, "awards": 6585}
    assert (counts["links created"], counts["tags created"], counts["accepted answers"]) == (182, 94, 157)
    tables = {"forums_topic": 453, "forums_post": 3872, "forums_award": 6585, "forums_topic_link": 182}
    with reader(database_of(instance)) as rows:
        assert {table: rows(f"SELECT COUNT(*) FROM {table}")[0][0] for table in tables} == tables
        assert rows("SELECT COUNT(DISTINCT handle), COUNT(*) FROM profile WHERE source <> ''") == [
            (2551, 2551)
        ]
        assert rows("SELECT COUNT(*) FROM profile WHERE source <> '' AND account_id IS NULL") == [(2551,)]
        assert rows("SELECT COUNT(*) FROM customer") == [(0,)]
        assert rows("SELECT COUNT(*) FROM forums_post WHERE author_id IS NULL AND author_name <> ''") == [
            (126,)
        ]
        assert rows("SELECT COUNT(*) FROM forums_topic WHERE accepted_post_id > 0") == [(157,)]
        assert rows("SELECT topic_count, post_count FROM forums_category WHERE name = 'Bicycles Meta'") == [
            (453, 3872)
        ]


def test_every_score_is_the_one_of_its_row(imported: tuple[Path, dict[str, int]]) -> None:
    from lxml import etree

    folder, expected = real_dump(), {}
    for name, key in (("Posts.xml", "post"), ("Comments.xml", "comment")):
        for row in etree.parse(folder / name).getroot():
            if row.get("PostTypeId") in (None, "1", "2"):
                expected[f"{key}/{row.get('Id')}"] = int(row.get("Score", ""))
    with reader(database_of(imported[0])) as rows:
        assert dict(rows("SELECT source_id, score FROM forums_post")) == expected
        assert rows("SELECT COUNT(*) FROM forums_post WHERE score <> anonymous_up - anonymous_down") == [(0,)]
    assert imported[1]["posts whose votes were completed to their score"] == 0


def test_no_page_loads_from_another_host_and_no_link_dangles(imported: tuple[Path, dict[str, int]]) -> None:
    with reader(database_of(imported[0])) as rows:
        pages = [html for (html,) in rows("SELECT html FROM forums_post")]
        uids = {uid for (uid,) in rows("SELECT uid FROM forums_post")}
    assert not [html for html in pages if "<img" in html]
    assert sum(html.count('class="picture-link"') for html in pages) == 246
    links = [uid for html in pages for uid in re.findall(r'href="/forums/p/([^"]+)"', html)]
    assert len(links) > 200
    assert set(links) <= uids


def test_every_post_keeps_source_and_licence(imported: tuple[Path, dict[str, int]]) -> None:
    with reader(database_of(imported[0])) as rows:
        licences = dict(rows("SELECT licence, COUNT(*) FROM forums_post GROUP BY licence"))
        bare = rows(
            "SELECT COUNT(*) FROM forums_post WHERE source_url = '' OR source_name = '' OR source_id IS NULL"
        )
    assert set(licences) == {"CC BY-SA 2.5", "CC BY-SA 3.0", "CC BY-SA 4.0"}
    assert sum(licences.values()) == 3872
    assert bare == [(0,)]


def test_nothing_personal_is_stored(imported: tuple[Path, dict[str, int]]) -> None:
    """Places and biographies appear nowhere in the database file."""
    from lxml import etree

    users = etree.parse(real_dump() / "Users.xml").getroot()
    about = [row.get("AboutMe") for row in users if len(row.get("AboutMe") or "") > 150]
    with reader(database_of(imported[0])) as rows:
        people = repr(rows("SELECT * FROM profile"))
        assert rows("SELECT COUNT(*) FROM account") == [(0,)]
    stored = (imported[0] / "ecrm.db").read_bytes()
    assert about
    assert not [number for number, text in enumerate(about) if (text or "")[20:120].encode() in stored]
    assert "AboutMe" not in people


def test_twice_changes_nothing_and_reads_back_the_same(imported: tuple[Path, dict[str, int]]) -> None:
    instance, _ = imported
    before = digests(database_of(instance))
    counts = summary(done(ecrm(instance, "import", "stackexchange", str(real_dump()))))
    assert digests(database_of(instance)) == before
    assert (counts["questions unchanged"], counts["answers unchanged"], counts["comments unchanged"]) == (
        453,
        971,
        2448,
    )
    assert {
        name: n for name, n in counts.items() if n and name.endswith((" created", " changed", " written"))
    } == {}


def test_killed_at_random_and_run_again_it_ends_the_same(
    imported: tuple[Path, dict[str, int]], both_engines: str, database_url: str, tmp_path: Path
) -> None:
    instance = tmp_path / "instance"
    done(ecrm(instance, "init", url=database_url))
    chance, killed = random.Random(20_120_301), 0
    for _ in range(KILLS):
        process = ecrm(instance, "import", "stackexchange", str(real_dump()), url=database_url)
        try:
            killed += _kill_after_progress(process, database_url, chance)
        finally:
            process.kill()
            process.communicate()
    assert killed == KILLS
    process = ecrm(instance, "import", "stackexchange", str(real_dump()), url=database_url)
    output, told = process.communicate(timeout=300)
    assert process.returncode == 0, told
    assert "goes on where it stopped" in told
    assert digests(database_url) == digests(database_of(imported[0]))
    created = {name: number for name, number in summary(output).items() if name.endswith("created")}
    assert created == {name: number for name, number in imported[1].items() if name.endswith("created")}


def _kill_after_progress(process: subprocess.Popen[str], url: str, chance: random.Random) -> bool:
    """Kill an import some moments after it committed a few more chunks. Returns whether it was still running."""
    with reader(url) as rows:
        checkpoint = "SELECT phase, position FROM import_run ORDER BY id DESC LIMIT 1"
        seen, last = 0, rows(checkpoint)
        wanted = chance.randint(1, 5)
        while process.poll() is None and seen < wanted:
            now = rows(checkpoint)
            seen, last = seen + (now != last), now
            time.sleep(0.002)
    time.sleep(chance.random() * 0.06)
    alive = process.poll() is None
    process.kill()
    return alive
