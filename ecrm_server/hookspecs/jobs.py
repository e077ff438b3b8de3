"""Work outside the request, and notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrm_server.hookspecs import hookspec

if TYPE_CHECKING:
    from ecrm_server.jobs.kind import JobKind
    from ecrm_server.notices.kind import NoticeKind


@hookspec
def jobs() -> list[JobKind]:
    """Declaration. The kinds of jobs the part has, recurring ones with ``every`` seconds. Jobs run at least once.

    Example::

        @hookimpl
        def jobs():
            return [JobKind("forums.recount", jobs_module.recount, every=86400)]
    """


@hookspec
def notice_kinds() -> list[NoticeKind]:
    """Declaration. The kinds of notices the part sends; people choose channels per kind.

    Example::

        @hookimpl
        def notice_kinds():
            return [NoticeKind("forums.reply", "Replies to topics you watch")]
    """
