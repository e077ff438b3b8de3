"""Work outside requests."""

from __future__ import annotations

from typing import Any

from ecrm_server.api import JobKind

from .services import counters, indexing, sent


def recount(run: Any) -> None:
    """Count topics, posts, scores, tags and links anew from what is stored."""
    counters.recount()


def reindex(run: Any) -> None:
    """Put every post into the search index again."""
    run.progress(indexing.put_everything())


def forget_keys(run: Any) -> None:
    """Forget under which keys browsers sent their posts a week ago."""
    sent.forget_old()


JOBS = [
    JobKind("forums.recount", recount, title="Count the forums anew", every=7 * 86_400),
    JobKind("forums.forget_keys", forget_keys, title="Forget old keys of sent posts", every=86_400),
    JobKind("forums.reindex", reindex, title="Index all posts anew"),
]
