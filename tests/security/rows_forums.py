"""Rows of the forums: pages, buttons and REST API, on an open topic, a secret one, and what is held or deleted."""

from __future__ import annotations

from tests.security import people as p
from tests.security.people import ADA, ADMIN, ALL, BEA, KEY, MODERATE, SIGNED, SIL, STAFF, WRITERS, but, only
from tests.security.rows import Row, get, post

HX = {"HX-Request": "true"}
BEAS = only(BEA, *MODERATE)
"""Who sees what is held or deleted of Bea's."""
AUTHOR = only(ADA, *MODERATE)
TEXT = {"text": "Written by a test."}

READING: list[Row] = [
    get("forums.index", "/forums"),
    get("forums.latest", "/forums/latest"),
    get("forums.top", "/forums/top"),
    get("forums.unread", "/forums/unread", SIGNED),
    get("forums.feed", "/forums/feed.atom"),
    get("forums.category", "/forums/c/workshop/{cat_open}"),
    get("forums.category", "/forums/c/x/{cat_secret}", ALL, STAFF),
    get("forums.category_feed", "/forums/c/x/{cat_secret}/feed.atom", ALL, STAFF),
    get("forums.category_feed", "/forums/c/x/{cat_open}/feed.atom"),
    get("forums.tag_list", "/forums/tags"),
    get("forums.tag", "/forums/tag/brakes"),
    get("forums.tag", "/forums/tag/canarysecrettag", ALL, ok=(404,)),
    get("forums.suggest_tags", "/forums/tags/suggest?q=canary"),
    get("forums.topic", "/forums/t/squealing-brakes/{topic}"),
    get("forums.topic", "/forums/t/x/{topic_secret}", ALL, STAFF),
    get("forums.topic", "/forums/t/x/{gone}", ALL, only()),
    get("forums.new_posts", "/forums/t/{topic}/posts?after=0"),
    get("forums.new_posts", "/forums/t/{topic_secret}/posts?after=0", ALL, STAFF),
    get("forums.permalink", "/forums/p/{reply_bea}"),
    get("forums.permalink", "/forums/p/{reply_secret}", ALL, STAFF),
    get("forums.permalink", "/forums/p/{reply_secret}", ALL, STAFF, headers=HX),
    get("forums.permalink", "/forums/p/{held}", ALL, BEAS, headers=HX),
    get("forums.permalink", "/forums/p/{deleted}", ALL, BEAS, headers=HX),
    get("forums.history", "/forums/p/{reply_bea}/history"),
    get("forums.history", "/forums/p/{reply_secret}/history", ALL, STAFF),
    get("forums.history", "/forums/p/{deleted}/history", ALL, BEAS),
    get("forums.all_drafts", "/forums/drafts", SIGNED),
    get("forums.mentions", "/forums/mentions?q=a", SIGNED),
    get("forums.similar_topics", "/forums/similar?q=CanarySecretTitle", SIGNED),
    get("forums.new_topic", "/forums/new", SIGNED),
    get("forums.new_topic", "/forums/new?category={cat_secret}", SIGNED),
    get("forums.reply_form", "/forums/t/{topic}/reply", SIGNED),
    get("forums.reply_form", "/forums/t/{topic}/reply?quote={reply_secret}", SIGNED, STAFF),
    get("forums.reply_form", "/forums/t/{topic}/reply?parent={reply_secret}", SIGNED, STAFF),
    get("forums.reply_form", "/forums/t/{topic_secret}/reply", SIGNED, STAFF),
    get("forums.edit_form", "/forums/p/{topic_first}/edit", SIGNED, may=AUTHOR),
    get("forums.edit_form", "/forums/p/{reply_secret}/edit", SIGNED, STAFF, may=ADMIN),
    get("forums.quoted", "/forums/p/{reply_bea}/quote", SIGNED),
    get("forums.quoted", "/forums/p/{reply_secret}/quote", SIGNED, STAFF),
    get("forums.quoted", "/forums/p/{held}/quote", SIGNED, BEAS),
]

ACTING: list[Row] = [
    post("forums.quoted", "/forums/p/{reply_bea}/quote", SIGNED, {"text": "Toe"}, changes=False),
    post("forums.quoted", "/forums/p/{reply_secret}/quote", SIGNED, {"text": "x"}, sees=STAFF, changes=False),
    post(
        "forums.save_draft", "/forums/drafts", SIGNED, {"context": "topic:new", "title": "T", "text": "Mine"}
    ),
    post("forums.preview", "/forums/preview", ALL, TEXT, sees=SIGNED, changes=False),
    post("forums.upload", "/forums/upload", SIGNED, {"file": ""}, may=only()),
    post("forums.mark_read", "/forums/t/{topic}/read", SIGNED, {"number": "2"}, changes=False),
    post(
        "forums.mark_read",
        "/forums/t/{topic_secret}/read",
        SIGNED,
        {"number": "2"},
        sees=STAFF,
        changes=False,
    ),
    post("forums.mark_all_read", "/forums/unread", SIGNED, changes=False),
    post(
        "forums.open_topic",
        "/forums/new",
        SIGNED,
        {"category": "{cat_open}", "title": "A new topic", **TEXT},
        may=WRITERS,
    ),
    post(
        "forums.open_topic",
        "/forums/new",
        SIGNED,
        {"category": "{cat_secret}", "title": "A new topic", **TEXT},
        sees=STAFF,
    ),
    post("forums.reply", "/forums/t/{topic}/reply", SIGNED, TEXT, may=WRITERS),
    post("forums.reply", "/forums/t/{topic_secret}/reply", SIGNED, TEXT, sees=STAFF),
    post(
        "forums.reply", "/forums/t/{topic}/reply", SIGNED, {**TEXT, "parent": "{held}"}, sees=BEAS, may=only()
    ),
    post(
        "forums.reply",
        "/forums/t/{topic}/reply",
        SIGNED,
        {**TEXT, "parent": "{reply_secret}"},
        sees=STAFF,
        may=only(),
    ),
    post("forums.edit", "/forums/p/{topic_first}/edit", SIGNED, {**TEXT, "edit_count": "0"}, may=AUTHOR),
    post(
        "forums.edit",
        "/forums/p/{reply_secret}/edit",
        SIGNED,
        {**TEXT, "edit_count": "0"},
        sees=STAFF,
        may=ADMIN,
    ),
    post("forums.vote", "/forums/p/{reply_sil}/vote", SIGNED, {"value": "1"}, may=WRITERS),
    post("forums.vote", "/forums/p/{topic_first}/vote", SIGNED, {"value": "1"}, may=but(WRITERS, ADA)),
    post(
        "forums.vote", "/forums/p/{reply_secret}/vote", SIGNED, {"value": "1"}, sees=STAFF, may=only(p.STAN)
    ),
    post("forums.vote", "/forums/p/{held}/vote", SIGNED, {"value": "1"}, sees=BEAS, may=only()),
    post("forums.accept", "/forums/p/{reply_bea}/accept", SIGNED, {"value": "1"}, may=AUTHOR),
    post("forums.accept", "/forums/p/{reply_secret}/accept", SIGNED, {"value": "1"}, sees=STAFF),
    post("forums.delete", "/forums/p/{reply_bea}/delete", SIGNED, may=BEAS),
    post("forums.delete", "/forums/p/{topic_own_first}/delete", SIGNED, may=AUTHOR),
    post("forums.delete", "/forums/p/{topic_first}/delete", SIGNED, may=MODERATE),
    post("forums.delete", "/forums/p/{reply_secret}/delete", SIGNED, sees=STAFF, may=ADMIN),
    post("forums.restore", "/forums/p/{deleted}/restore", SIGNED, sees=BEAS),
    post("forums.close", "/forums/t/{topic}/close", MODERATE, {"value": "1"}),
    post("forums.close", "/forums/t/{topic_secret}/close", MODERATE, {"value": "1"}, sees=ADMIN),
    post("forums.pin", "/forums/t/{topic}/pin", MODERATE, {"value": "1"}),
    post("forums.pin", "/forums/t/{topic_secret}/pin", MODERATE, {"value": "1"}, sees=ADMIN),
    post("forums.move", "/forums/t/{topic}/move", MODERATE, {"category": "{cat_other}"}),
    post("forums.move", "/forums/t/{topic}/move", MODERATE, {"category": "{cat_secret}"}, sees=ADMIN),
    post("forums.move", "/forums/t/{topic_secret}/move", MODERATE, {"category": "{cat_open}"}, sees=ADMIN),
    post("forums.change_tags", "/forums/t/{topic}/tags", SIGNED, {"tags": "brakes"}, may=AUTHOR),
    post("forums.change_tags", "/forums/t/{topic}/tags", SIGNED, {"tags": "brand-new"}, may=MODERATE),
    post("forums.change_tags", "/forums/t/{topic_secret}/tags", SIGNED, {"tags": "brakes"}, sees=STAFF),
    post("forums.watch", "/forums/watch/topic/{topic_own}", SIGNED, {"level": "mute"}),
    post("forums.watch", "/forums/watch/topic/{topic_secret}", SIGNED, {"level": "mute"}, sees=STAFF),
    post("forums.watch", "/forums/watch/category/{cat_secret}", SIGNED, {"level": "watch"}, sees=STAFF),
    post("forums.watch", "/forums/watch/category/{cat_open}", SIGNED, {"level": "watch"}),
]

CATEGORY = {
    "name": "New",
    "description": "",
    "colour": "1",
    "icon": "messages",
    "position": "0",
    "parent": "",
}
MANAGING: list[Row] = [
    get("forums.manage_categories", "/forums/admin/categories", ADMIN),
    get("forums.new_category", "/forums/admin/categories/new", ADMIN),
    get("forums.edit_category", "/forums/admin/categories/{cat_secret}", ADMIN),
    post("forums.create_category", "/forums/admin/categories/new", ADMIN, CATEGORY),
    post("forums.update_category", "/forums/admin/categories/{cat_open}", ADMIN, CATEGORY),
    post(
        "forums.update_grants",
        "/forums/admin/categories/{cat_secret}/grants",
        ADMIN,
        {"grant:everyone": "see"},
    ),
    post("forums.delete_category", "/forums/admin/categories/{cat_empty}/delete", ADMIN),
]

PUBLIC = {row.endpoint for row in READING if row.who == ALL} | {"forums.preview"}
"""What asks for ``forums.read`` alone."""

# The API takes keys; cookies too, so that our own scripts can use it.
READ_API, WRITE_API = ALL, SIGNED | {KEY}
READ = but(ALL, p.BARE)
API: list[Row] = [
    get("forums_api.all_categories", "/api/v1/forums/categories", READ),
    get("forums_api.all_tags", "/api/v1/forums/tags", READ),
    get("forums_api.list_topics", "/api/v1/forums/topics", READ),
    get("forums_api.list_topics", "/api/v1/forums/topics?category={cat_secret}", READ, STAFF),
    get("forums_api.list_topics", "/api/v1/forums/topics?tag=canarysecrettag", READ, ok=(404,)),
    get("forums_api.one_topic", "/api/v1/forums/topics/{topic}", READ),
    get("forums_api.one_topic", "/api/v1/forums/topics/{topic_secret}", READ, STAFF),
    get("forums_api.list_posts", "/api/v1/forums/topics/{topic}/posts", READ),
    get("forums_api.list_posts", "/api/v1/forums/topics/{topic_secret}/posts", READ, STAFF),
    get("forums_api.one_post", "/api/v1/forums/posts/{reply_bea}", READ),
    get("forums_api.one_post", "/api/v1/forums/posts/{reply_secret}", READ, STAFF),
    get("forums_api.one_post", "/api/v1/forums/posts/{held}", READ, BEAS),
    get("forums_api.one_post", "/api/v1/forums/posts/{deleted}", READ, BEAS),
    Row(
        "forums_api.open_topic",
        "/api/v1/forums/topics",
        WRITE_API,
        "POST",
        may=but(WRITE_API, SIL),
        json={"category": "{cat_open}", "title": "By a program", **TEXT},
    ),
    Row(
        "forums_api.open_topic",
        "/api/v1/forums/topics",
        WRITE_API,
        "POST",
        sees=STAFF,
        json={"category": "{cat_secret}", "title": "By a program", **TEXT},
    ),
    Row(
        "forums_api.reply",
        "/api/v1/forums/topics/{topic}/posts",
        WRITE_API,
        "POST",
        may=but(WRITE_API, SIL),
        json=TEXT,
    ),
    Row(
        "forums_api.reply",
        "/api/v1/forums/topics/{topic_secret}/posts",
        WRITE_API,
        "POST",
        sees=STAFF,
        json=TEXT,
    ),
    Row(
        "forums_api.edit",
        "/api/v1/forums/posts/{topic_first}",
        WRITE_API,
        "PUT",
        may=only(KEY, *AUTHOR),
        json=TEXT,
    ),
    Row(
        "forums_api.edit",
        "/api/v1/forums/posts/{reply_secret}",
        WRITE_API,
        "PUT",
        sees=STAFF,
        may=ADMIN,
        json=TEXT,
    ),
    Row("forums_api.delete", "/api/v1/forums/posts/{reply_ada}", WRITE_API, "DELETE", may=only(KEY, *AUTHOR)),
    Row(
        "forums_api.delete", "/api/v1/forums/posts/{reply_secret}", WRITE_API, "DELETE", sees=STAFF, may=ADMIN
    ),
    Row("forums_api.delete", "/api/v1/forums/posts/{held}", WRITE_API, "DELETE", sees=BEAS),
]

PUBLIC |= {row.endpoint for row in API if row.method == "GET"}
