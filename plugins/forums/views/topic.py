"""Reading a topic."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from flask import jsonify, redirect, render_template, request
from werkzeug.wrappers import Response

from ecrm_server.api import SIGNED_IN, NotFound, age, mark_group_read, needs, public_id, public_page

from .. import fragments
from ..channels import TOPIC
from ..services import drafts, reading, refs, telling, thread, visits
from ..services.permissions import Access, access_of, visible_post, visible_topic
from ..services.tree import CREATE
from .blueprint import pages
from .common import Answer, actor, wants_json

REPORTS = "forums-reports-reading"


def topic_version(uid: str) -> Callable[[], Hashable]:
    """What an anonymous page of a topic depends on. Asked for at every visit, so it counts the visits too."""

    def version() -> Hashable:
        row = thread.VERSION.row(uid)
        if row is None:
            return None
        visits.note(row["id"])
        return row["version"], row["category_version"], age(row["bumped_at"])

    return version


@pages.get("/t/<slug>/<uid>")
@needs("forums.read")
def topic(slug: str, uid: str) -> Answer:
    """A page of a topic (``?page=``), or a jump in it.

    ``?post=<position>``, ``?date=<day>``, ``?to=unread``, ``end`` or ``answer``.
    """
    public_page(topic_version(uid))
    who = actor()
    access = access_of(who)
    seq = TOPIC.position(uid)
    found = thread.topic(who, access, uid)
    if slug != found["slug"] or _jump_asked():
        return _jump(found)
    page = thread.page(who, found, _number(request.args.get("page", "1")))
    reader = fragments.Reader.of(who, access, found)
    drawn = fragments.posts(reader, found, page.posts)
    if who.account_id is not None and not who.only_looks:
        _seen(who.account_id, page)
    return render_template(
        "forums/topic.html",
        topic=found,
        page=page,
        thread=fragments.joined(page.posts, drawn, found["last_read"]),
        reader=reader,
        seq=seq,
        **_around(access, found, reader, page),
    )


def _around(access: Access, found: dict[str, Any], reader: fragments.Reader, page: thread.Page) -> dict[str, Any]:
    """What stands around the posts."""
    node = access.node(found["category_id"])
    targets = access.nodes(CREATE) if reader.moderates else []
    return {
        "tree_version": access.tree.version,
        "node": node,
        "path": [*node.path, node],
        "links": thread.links(access, found),
        "targets": [target for target in targets if target.id != node.id],
        "draft": drafts.find(reader.actor, f"reply:{found['uid']}") if reader.replies else None,
        "key": public_id() if reader.replies else "",
        "page_url": f"/forums/t/{found['slug']}/{found['uid']}",
        "tag_names": found["tags"].split(),
        "owns": reader.moderates or (reader.accepts and not found["closed"]),
    }


def _seen(account_id: int, page: thread.Page) -> None:
    """Remember how far the reader is, when that is further than before; what told them of it is read.

    A browser whose script reports what was on the screen says so by a cookie; for others a page shown is a page read.
    """
    visits.note(page.topic["id"])
    if REPORTS not in request.cookies and page.seen > (page.topic["last_read"] or 0):
        reading.mark_read(account_id, page.topic["id"], page.seen)
    if actor().unread_notices:
        mark_group_read(account_id, telling.GROUP.format(page.topic["uid"]))


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise NotFound()
    return int(text)


def _jump_asked() -> bool:
    return any(name in request.args for name in ("post", "date", "to"))


def _jump(found: dict[str, Any]) -> Response:
    """Go to the page and the post that were asked for."""
    args = request.args
    place: thread.Place | None = None
    if "post" in args:
        place = thread.at_position(found, _number(args["post"]))
    elif args.get("date"):
        try:
            place = thread.at_date(found, args["date"])
        except ValueError as error:
            raise NotFound("Write the day like 2026-11-23.") from error
    elif args.get("to") == "unread":
        place = thread.first_unread(found)
    elif args.get("to") == "end":
        place = thread.last_post(found)
    elif args.get("to") == "answer":
        place = thread.answer(found)
    if place is None:
        page = f"?page={args['page']}" if args.get("page", "").isdecimal() else ""
        return redirect(f"/forums/t/{found['slug']}/{found['uid']}{page}", 301)
    return redirect(post_url(found["slug"], found["uid"], *place))


def post_url(slug: str, topic_uid: str, position: int, post_uid: str) -> str:
    """The address of a post inside its topic's page."""
    page = thread.page_of(position)
    query = f"?page={page}" if page > 1 else ""
    return f"/forums/t/{slug}/{topic_uid}{query}#p-{post_uid}"


@pages.get("/t/<uid>/posts")
@needs("forums.read")
def new_posts(uid: str) -> Answer:
    """The posts after ``?after=<number>`` as a fragment: what a page that is open adds when it hears of them."""
    who = actor()
    access = access_of(who)
    found = thread.topic(who, access, uid)
    rows = thread.after(who, found["id"], _number(request.args.get("after", "0")))
    reader = fragments.Reader.of(who, access, found)
    drawn = fragments.posts(reader, found, rows)
    if who.account_id is not None and not who.only_looks and request.args.get("seen") and rows:
        reading.mark_read(who.account_id, found["id"], rows[-1]["number"])
    return render_template(
        "forums/new_posts.html", topic=found, rows=[{**row, "html": drawn[row["id"]]} for row in rows]
    )


@pages.post("/t/<uid>/read")
@needs(SIGNED_IN)
def mark_read(uid: str) -> Answer:
    """The reader has seen the topic up to the post with ``number``; it never goes back."""
    who = actor()
    found = thread.topic(who, access_of(who), uid)
    assert who.account_id is not None
    reading.mark_read(who.account_id, found["id"], min(_number(request.form.get("number", "")), found["last_number"]))
    return "", 204


@pages.get("/p/<uid>")
@needs("forums.read")
def permalink(uid: str) -> Answer:
    """The lasting address of a post: leads to it in its topic.

    A script gets it as JSON; with an empty ``html`` when the reader may not see it any more, though the topic.
    """
    if wants_json():
        post = refs.post(uid)
        visible_topic(actor(), post.topic.uid)
        return jsonify(post_json(post))
    post = visible_post(actor(), uid)
    return redirect(post_url(post.topic.slug, post.topic.uid, post.position, post.uid))


def post_json(post: refs.PostRef) -> dict[str, Any]:
    """A single post for a script: uid, number, url, and html as drawn for the reader ("" when it is hidden)."""
    who = actor()
    access = access_of(who)
    found = thread.topic(who, access, post.topic.uid)
    reader = fragments.Reader.of(who, access, found)
    try:
        html = str(fragments.posts(reader, found, [thread.one(who, post.id)])[post.id])
    except NotFound:
        html = ""
    return {"uid": post.uid, "number": post.number, "url": post.url, "html": html}
