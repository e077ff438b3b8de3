"""What the composer asks for while somebody writes: drafts, names, tags, similar topics, quotes, pictures."""

from __future__ import annotations

from typing import Any

from flask import jsonify, render_template, request
from werkzeug.wrappers import Response

from ecrm_server.api import SIGNED_IN, Refusal, load_form, needs, own_eyes, profiles, save_image

from ..schemas import DraftForm
from ..services import drafts, tags
from ..services.permissions import access_of
from ..services.quoting import quote
from ..services.similar import similar
from .blueprint import pages
from .common import Answer, actor, wants_json

MAX_PICTURE = 8_000_000
LONGEST_SIDE = 1600


@pages.get("/drafts")
@needs(SIGNED_IN)
@own_eyes
def all_drafts() -> Answer:
    """One's drafts as JSON; with ``?context=`` that one or null."""
    context = request.args.get("context")
    if context is not None:
        return jsonify(drafts.find(actor(), context))
    return jsonify(drafts.mine(actor()))


@pages.post("/drafts")
@needs(SIGNED_IN)
def save_draft() -> Answer:
    """Keep a draft: context, title, text. An empty one is removed. Answers when it was kept (milliseconds, or 0)."""
    values = load_form(DraftForm, request.form)
    return jsonify(saved_at=drafts.save(actor(), values["context"], title=values["title"], text=values["text"]))


@pages.get("/mentions")
@needs("forums.reply")
def mentions() -> Answer:
    """People whose name begins with ``?q=``, for the list after an @."""
    start = request.args.get("q", "").lstrip("@").strip()
    return jsonify(profiles.complete(start) if start else [])


@pages.get("/tags/suggest")
@needs("forums.read")
def suggest_tags() -> Answer:
    """Tags whose name begins with ``?q=``."""
    found = tags.starting(access_of(actor()), request.args.get("q", "")[:40])
    return jsonify([{"name": row["name"], "topics": row["topic_count"]} for row in found])


@pages.get("/similar")
@needs("forums.open_topic")
def similar_topics() -> Answer:
    """Topics that share words with ``?q=``, as a fragment, or as JSON for who asks for it."""
    found = similar(actor(), request.args.get("q", "")[:200])
    if wants_json():
        return jsonify([_plain(row) for row in found])
    return render_template("forums/similar.html", topics=found)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "uid": row["uid"],
        "title": row["title"],
        "url": f"/forums/t/{row['slug']}/{row['uid']}",
        "replies": row["reply_count"],
        "solved": bool(row["solved"]),
    }


@pages.route("/p/<uid>/quote", methods=["GET", "POST"])
@needs("forums.reply")
def quoted(uid: str) -> Answer:
    """The Markdown that quotes a post, or the ``text`` selected in it (posted, for it may be long)."""
    return jsonify(markdown=quote(actor(), uid, request.form.get("text", "")))


@pages.post("/upload")
@needs("forums.upload_picture")
def upload() -> Response:
    """Keep a picture (``file``): answers its address and the Markdown that shows it."""
    file = request.files.get("file")
    if file is None:
        raise Refusal("Choose a picture.", field="file")
    data = file.stream.read(MAX_PICTURE + 1)
    if len(data) > MAX_PICTURE:
        raise Refusal("The picture is larger than 8 MB. Choose a smaller one.", field="file")
    picture = save_image(actor(), data, name=file.filename or "", longest_side=LONGEST_SIDE)
    name = picture["name"].rpartition(".")[0].translate(_PLAIN)
    size = f"{picture['width']}x{picture['height']}"
    return jsonify(url=picture["url"], markdown=f"![{name}|{size}]({picture['url']})")


_PLAIN = {ord(letter): " " for letter in "[]()|\\!`*_<>"}
