from __future__ import annotations

import re

import pytest

from ecrm_server.data import Prepared
from ecrm_server.identity.testing import actor_of, make_account
from tests.plugins.forums.conftest import SOURCE, imported, uid_of_first

pytestmark = pytest.mark.plugins("forums")


@pytest.fixture
def topic(forums, person):
    """A topic of 25 posts with three comments."""
    ada, ben = person("Ada"), person("Ben")
    found = forums.topic(ada, forums.category("Workshop"))
    replies = [forums.reply(ben if number % 2 else ada, found, f"Reply **{number}**") for number in range(24)]
    for number in range(3):
        forums.reply(ada, found, f"Comment {number}", parent=replies[1].uid)
    return found


def of_forums(queries: list[str]) -> list[str]:
    """The pages' own statements; how often topics were looked at is written now and then by a thread beside them."""
    return [sql for sql in queries if "forums_" in sql and "view_count = view_count" not in sql]


def test_a_topic_page_costs_five_queries_whoever_reads_it(forums, topic, sign_in, visitor, queries):
    member = sign_in("Cy")
    for browser in (visitor, member):
        queries.clear()
        assert browser.get(topic.url).status_code == 200
        assert len(of_forums(queries)) <= 6, queries
    queries.clear()
    assert member.get(topic.url).status_code == 200
    assert len(of_forums(queries)) <= 4, of_forums(queries)


def test_an_anonymous_page_from_memory_costs_one_query(topic, visitor, queries):
    visitor.get(topic.url)
    queries.clear()
    answer = visitor.get(topic.url)
    assert "Reply <strong>3</strong>" in answer.text
    assert len(of_forums(queries)) == 1


def test_the_latest_list_costs_three_queries_however_long_it_is(forums, person, sign_in, queries):
    ada, member = person("Ada"), sign_in("Cy")
    category = forums.category()
    for number in range(60):
        forums.topic(ada, category, f"Topic number {number}")
    queries.clear()
    text = member.get("/forums/latest").text
    assert text.count('class="topic-row') == 50
    assert len(of_forums(queries)) <= 3, of_forums(queries)
    older = re.search(r'rel="next" href="([^"]+)"', text)
    assert older is not None
    assert member.get(older[1].replace("&amp;", "&").replace("&#34;", '"')).text.count('class="topic-row') == 10


def test_a_page_from_memory_shows_every_change(forums, topic, person, visitor):
    mod = person("Mod", "moderator")
    uid = uid_of_first(topic)
    assert "They squeal." in visitor.get(topic.url).text
    forums.posts.edit(mod, uid, source="They **sing**.")
    assert "<strong>sing</strong>" in visitor.get(topic.url).text
    forums.topics.close(mod, topic.uid, True)
    closed = visitor.get(topic.url).text
    assert "This topic is closed." in closed
    assert re.search(r"closed <time ", closed)
    forums.topics.close(mod, topic.uid, False)
    assert not re.search(r"closed <time ", visitor.get(topic.url).text)
    forums.topics.delete(mod, topic.uid)
    assert visitor.get(topic.url).status_code == 404


def test_nothing_of_one_reader_is_shown_to_another(forums, topic, sign_in):
    cy, dee = sign_in("Cy"), sign_in("Dee")
    uid = uid_of_first(topic)
    cy.post(f"/forums/p/{uid}/vote", {"value": "1"})
    assert 'aria-pressed="true"' in cy.get(topic.url).text.partition("votes-" + uid)[2][:600]
    other = dee.get(topic.url).text.partition("votes-" + uid)[2][:600]
    assert 'aria-pressed="true"' not in other
    assert cy.csrf_token() not in dee.get(topic.url).text


def test_every_place_names_source_author_and_licence_of_an_imported_post(forums, topic, person, sign_in, visitor):
    uid = uid_of_first(topic)
    imported(uid)
    forums.indexing.put_topic(topic)
    member = sign_in("Cy")
    links = (f'href="{SOURCE["source_url"]}"', f'href="{SOURCE["author_url"]}"')
    for browser in (visitor, member):
        page = browser.get(topic.url).text
        assert all(link in page for link in links)
        assert SOURCE["licence"] in page
        assert "creativecommons.org/licenses/by-sa/4.0/" in page
        source = re.search(r'<p class="post-source">.*?</p>', page, re.DOTALL)
        assert source is not None
        assert "nofollow" not in source[0]
    feed = visitor.get("/forums/feed.atom").text
    assert SOURCE["source_url"] in feed
    assert SOURCE["licence"] in feed
    found = visitor.get("/search?q=rims").text
    assert SOURCE["licence"] in found
    assert SOURCE["source_url"] in found
    post = visitor.get(f"/api/v1/forums/posts/{uid}").json
    assert post["attribution"]["licence"] == SOURCE["licence"]
    assert post["attribution"]["url"] == SOURCE["source_url"]
    other = forums.topic(person("Eve"), forums.category("More"), "Another one")
    imported(uid_of_first(other), source_id="answer 8")
    assert SOURCE["licence"] in visitor.get("/people/eve").text


def test_everything_can_be_done_with_plain_forms(forums, person, sign_in):
    category = forums.category()
    ada, ben = sign_in("Ada"), sign_in("Ben")
    made = ada.post("/forums/new", {"category": category.uid, "title": "Loose bolts", "text": "All of *them*."})
    url = made.headers["Location"]
    uid = url.rsplit("/", 1)[-1]
    assert "All of <em>them</em>." in ben.get(url).text

    reply = ben.post(f"/forums/t/{uid}/reply", {"text": "Thread lock."}).headers["Location"]
    post = reply.rsplit("/", 1)[-1]
    landed = ada.get(reply).headers["Location"]
    assert landed.endswith(f"#p-{post}")
    assert ada.post(f"/forums/p/{post}/accept", {"value": "1"}).status_code == 303
    assert "Accepted answer" in ada.get(url).text
    assert ben.post(f"/forums/p/{post}/edit", {"text": "Blue thread lock.", "edit_count": "0"}).status_code == 303
    assert "Blue" in ada.get(f"/forums/p/{post}/history").text
    assert ben.post(f"/forums/p/{post}/delete").status_code == 303
    assert "This post was deleted." in ada.get(url).text
    assert ben.post(f"/forums/p/{post}/restore").status_code == 303
    assert "Blue thread lock." in ada.get(url).text


def test_a_refused_form_comes_back_with_the_text_and_the_reason(forums, sign_in):
    category = forums.category()
    browser = sign_in("Ada")
    answer = browser.post("/forums/new", {"category": category.uid, "title": "x", "text": "My long text"})
    assert answer.status_code == 422
    assert "My long text" in answer.text
    assert "3 to 200 characters" in answer.text
    foreign = {"category": category.uid, "title": "abc", "text": "t", "pinned": "1"}
    assert browser.post("/forums/new", foreign).status_code == 422


def test_the_preview_is_what_the_final_renderer_makes(forums, topic, sign_in):
    browser = sign_in("Cy")
    text = "A | b\n--|--\n1 | <script>alert(1)</script> **x**"
    preview = browser.post("/forums/preview", {"text": text}).text
    browser.post(f"/forums/t/{topic.uid}/reply", {"text": text})
    stored = Prepared("SELECT html FROM forums_post ORDER BY id DESC LIMIT 1").value()
    assert preview.strip() == stored.strip()
    assert "<script" not in preview


def test_jumps_lead_to_page_and_post(forums, topic, visitor, sign_in):
    member = sign_in("Cy")
    assert "?page=2#p-" in visitor.get(topic.url + "?post=23").headers["Location"]
    assert "?page=2" not in visitor.get(topic.url + "?post=3").headers["Location"]
    assert "#p-" in visitor.get(topic.url + "?to=end").headers["Location"]
    assert "#p-" in visitor.get(topic.url + "?date=2020-01-01").headers["Location"]
    assert visitor.get(topic.url + "?date=soon").status_code == 404
    assert visitor.get(topic.url + "?page=9").status_code == 404
    member.get(topic.url)
    assert "?page=2#p-" in member.get(topic.url + "?to=unread").headers["Location"]
    assert visitor.get(f"/forums/t/other-words/{topic.uid}").headers["Location"] == topic.url


def test_new_posts_come_as_a_fragment(forums, topic, person, visitor):
    mine = forums.reply(person("Dee"), topic, "Fresh")
    answer = visitor.get(f"/forums/t/{topic.uid}/posts?after={mine.number - 1}").text
    assert "Fresh" in answer
    assert answer.count("<article") == 1
    assert "<html" not in answer


def test_a_script_gets_the_post_alone(forums, topic, sign_in):
    browser = sign_in("Cy")
    uid = uid_of_first(topic)
    answer = browser.post(f"/forums/p/{uid}/vote", {"value": "1"}, headers={"Accept": "application/json"}).json
    assert answer["uid"] == uid
    assert answer["html"].lstrip().startswith("<article")
    assert 'data-score="1"' in answer["html"]


def test_a_script_that_reports_what_was_seen_moves_the_mark_forward_only(forums, topic, sign_in):
    browser = sign_in("Cy")
    browser.client.set_cookie("forums-reports-reading", "1", domain="localhost")
    actor = actor_of(browser.account)

    def topic_row() -> dict:
        return forums.thread.topic(actor, forums.permissions.access_of(actor), topic.uid)

    browser.get(topic.url)
    assert topic_row()["last_read"] is None
    for number, expected in ((2, 2), (1, 2), (99, topic_row()["last_number"])):
        assert browser.post(f"/forums/t/{topic.uid}/read", {"number": number}).status_code == 204
        assert topic_row()["last_read"] == expected
    assert browser.post(f"/forums/t/{topic.uid}/read", {"number": "x"}).status_code == 404


def test_drafts_survive_until_they_are_sent(forums, topic, sign_in):
    browser, other = sign_in("Cy"), sign_in("Dee")
    context = f"reply:{topic.uid}"
    assert browser.post("/forums/drafts", {"context": context, "text": "half a sent"}).json["saved_at"] > 0
    assert browser.get(f"/forums/drafts?context={context}").json["text"] == "half a sent"
    assert other.get(f"/forums/drafts?context={context}").json is None
    assert "half a sent" in browser.get(topic.url + "?page=2").text
    browser.post(f"/forums/t/{topic.uid}/reply", {"text": "half a sentence"})
    assert browser.get("/forums/drafts").json == []
    assert browser.post("/forums/drafts", {"context": "no context", "text": "x"}).status_code == 422


def test_the_composer_finds_people_tags_and_similar_topics(forums, topic, person, sign_in):
    mod = person("Mod", "moderator")
    forums.tags.change(mod, topic.uid, ["brakes"])
    browser = sign_in("Cy")
    assert [found["handle"] for found in browser.get("/forums/mentions?q=be").json] == ["ben"]
    assert browser.get("/forums/tags/suggest?q=bra").json == [{"name": "brakes", "topics": 1}]
    assert topic.title in browser.get("/forums/similar?q=My brakes were squealing").text
    assert topic.title not in browser.get("/forums/similar?q=Something else entirely").text


def test_nobody_posts_or_moves_into_a_category_that_was_not_chosen(forums, topic, sign_in):
    other = forums.category("Another place")
    moderator = sign_in("Mod", "moderator")
    chosen = re.compile(r'<option value="([^"]*)"[^>]* selected')
    assert chosen.findall(moderator.get("/forums/new").text) in ([], [""])
    assert chosen.findall(moderator.get(f"/forums/new?category={other.uid}").text) == [other.uid]
    answer = moderator.post("/forums/new", {"category": "", "title": "Where to?", "text": "Nowhere yet."})
    assert (answer.status_code, "Choose a category." in answer.text) == (422, True)
    page = moderator.get(topic.url).text
    assert re.search(r'<select[^>]* name="category" [^>]*required[^>]*><option value="" selected', page)
    page = moderator.post(f"/forums/t/{topic.uid}/move", {"category": ""}, follow_redirects=True).text
    assert "Choose a category." in page
    assert forums.refs.topic(topic.uid).category_id != other.id


def test_a_held_topic_says_so_once(forums, sign_in):
    place = forums.category()
    browser = sign_in(account=make_account("New", posts_reviewed=False))
    form = {"category": place.uid, "title": "My first topic", "text": "Hello."}
    page = browser.post("/forums/new", form, follow_redirects=True).text
    assert page.lower().count("for a moderator") + page.count("A moderator") == 1


def test_similar_topics_share_a_telling_word_and_above_all_their_titles(forums, person):
    ada, place = person("Ada"), forums.category()
    titles = ["Chain lube for winter", "What do you all have with you?", "Rain covers", "Saddle height"]
    titles += [f"Ride report {number} with friends" for number in range(12)]
    for title in titles:
        forums.topic(ada, place, title, "Does anybody have something for winter, with a chain?")
    found = lambda title: [row["title"] for row in forums.similar.similar(ada, title)]  # noqa: E731
    assert found("What chains do you have for winter with snow?") == ["Chain lube for winter"]
    assert found("Which saddles fit what you have?") == ["Saddle height"]
    assert found("What do you have with friends?") == []


def test_the_search_shows_a_topic_once_with_its_best_post(forums, person, visitor):
    ada, place = person("Ada"), forums.category()
    topic = forums.topic(ada, place, "Creaking bottom bracket", "It creaks.")
    for number in range(3):
        forums.reply(ada, topic, f"Reply {number}: grease the bottom bracket.")
    forums.topic(ada, place, "Another matter", "The bracket of my lamp.")
    page = visitor.get("/search?q=bracket").text
    assert page.count('class="result"') == 2
    assert "2 results" in page
    groups = visitor.get("/search/palette?q=bracket").get_json()["groups"]
    (posts,) = [group["items"] for group in groups if group["label"] == "Posts"]
    assert [item["title"] for item in posts] == ["Creaking bottom bracket", "Another matter"]


def test_an_admin_makes_categories_and_says_who_uses_them(forums, sign_in, visitor):
    admin, member = sign_in("Root", "admin"), sign_in("Cy")
    form = {"name": "New place", "description": "", "parent": "", "colour": "3", "icon": "messages", "position": "0"}
    made = admin.post("/forums/admin/categories/new", form)
    url = made.headers["Location"]
    assert "New place" in visitor.get("/forums").text
    admin.post(f"{url}/grants", {"grant:staff": "create"})
    assert "New place" not in visitor.get("/forums").text
    assert member.get("/forums/admin/categories").status_code == 403
    assert admin.post(f"{url}/delete").headers["Location"] == "/forums/admin/categories"


def test_programs_open_topics_and_page_through_posts(forums, sign_in):
    category = forums.category()
    browser = sign_in("Cy")
    topic = {"category": category.uid, "title": "From a program", "text": "Hi"}
    made = browser.post("/api/v1/forums/topics", json=topic)
    assert made.status_code == 201
    uid = made.json["uid"]
    for number in range(4):
        browser.post(f"/api/v1/forums/topics/{uid}/posts", json={"text": f"Reply {number}"})
    page = browser.get(f"/api/v1/forums/topics/{uid}/posts?limit=3").json
    rest = browser.get(page["next"]).json
    assert [post["number"] for post in page["items"] + rest["items"]] == [1, 2, 3, 4, 5]
    assert rest["next"] is None
    assert browser.post("/api/v1/forums/topics", json={**topic, "pinned": True}).status_code == 422


def test_a_request_of_a_program_that_is_sent_twice_does_its_work_once(forums, sign_in, both_engines):
    topic = {"category": forums.category().uid, "title": "From a program", "text": "Hi"}
    browser, twice = sign_in("Cy"), {"Idempotency-Key": "k1"}
    first, again = (browser.post("/api/v1/forums/topics", json=topic, headers=twice) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json["uid"] == again.json["uid"]
    assert again.headers["Idempotency-Replayed"] == "true"
    other = browser.post("/api/v1/forums/topics", json={**topic, "text": "Hello"}, headers=twice)
    assert other.status_code == 422
