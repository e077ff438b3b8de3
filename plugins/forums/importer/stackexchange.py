"""The whole import: first pass, then the phases of the second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ecrm_server.api import SYSTEM, Prepared, Refusal, importing, transaction
from ecrm_server.api import import_toolkit as tk

from ..services import categories, counters
from ..services.tree import Node, tree
from .authors import Authors
from .check import ANSWER, QUESTION, check
from .dump import Dump, Record
from .labels import Badges, TagTexts, write_tags
from .links import TopicLinks
from .plan import Plan
from .site import Site, find_site, site_of
from .texts import Cook
from .writing import Writer

KIND = "stackexchange"
RESULTS = ("profiles created", "topics created", "answers created", "comments created")
CHANGES = (" created", " changed", " written")
_HERE = Prepared("SELECT COUNT(*) FROM forums_post WHERE source_name = ?")
_CATEGORY = Prepared(
    "SELECT t.category_id FROM forums_post p JOIN forums_topic t ON t.first_post_id = p.id"
    " WHERE p.source_name = ? ORDER BY p.id LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command was told. Empty texts: find out."""

    directory: Path
    site_url: str = ""
    category: str = ""
    dry_run: bool = False
    error_file: Path | None = None


def run(options: Options, progress: tk.Progress, tell: Callable[[str], None]) -> tk.Counts:
    """Import a dump, or go on with an interrupted import of it. Returns what was read and done.

    ``tell`` gets sentences for the person who waits. Raises Refusal and InputError before anything is written.
    """
    dump = Dump(options.directory)
    for item in dump.absent:
        tell(f"{item.name} is not there: {item.absent}.")
    site = site_of(options.site_url) if options.site_url else find_site(dump)
    digest = tk.digest_of(dump.paths, site.url)
    progress.start("checking", None)
    problems = tk.Problems()
    plan = check(dump, problems)
    problems.refuse(options.error_file)
    facts = plan.facts
    facts.add("posts and comments of this site that are here already", int(_HERE.value(site.name)))
    if options.dry_run:
        return facts
    category = _category(site, options.category)
    going = tk.begin(KIND, site.name, options.directory, digest, RESULTS)
    if going.resumed:
        tell("An interrupted import of the same files goes on where it stopped.")
    done = tk.carry_out(going, _phases(dump, site, plan, category), progress)
    return tk.Counts.of((), facts | done)


def _category(site: Site, name: str) -> Node:
    """The category named, else the one that holds topics of the site, else one named after it; made when missing."""
    known = _CATEGORY.value(site.name)
    if not name and known is not None:
        return tree().nodes[known]
    wanted = " ".join((name or site.title).split())
    if not 1 <= len(wanted) <= 80:
        raise Refusal("The name of a category has 1 to 80 characters.", field="category")
    for node in tree().walk():
        if node.name.casefold() == wanted.casefold():
            return node
    with transaction(), importing():
        return categories.create(SYSTEM, {"name": wanted, "description": f"Imported from {site.name}."})


def _phases(dump: Dump, site: Site, plan: Plan, category: Node) -> list[tk.Phase]:
    authors = Authors(site)
    cook, writer = Cook(site, plan, authors), Writer(site, plan, category.id)
    topics = sum(post.is_question for post in plan.posts.values())
    return [
        tk.Phase("users", lambda: dump.records("Users.xml"), authors.write, len(plan.users)),
        tk.Phase("tags", lambda: plan.tags, write_tags, len(plan.tags)),
        tk.Phase("tag texts", lambda: _tag_texts(dump, plan), TagTexts(site, plan, authors).write),
        tk.Phase("questions", lambda: _posts(dump, plan, QUESTION), writer.questions, topics, cook.posts),
        tk.Phase(
            "answers",
            lambda: _posts(dump, plan, ANSWER),
            writer.answers,
            len(plan.posts) - topics,
            cook.posts,
        ),
        tk.Phase(
            "comments", lambda: _comments(dump, plan), writer.comments, len(plan.comments), cook.comments
        ),
        tk.Phase("badges", lambda: dump.records("Badges.xml"), Badges(site, authors).write),
        tk.Phase("links", lambda: dump.records("PostLinks.xml"), TopicLinks(site, plan).write),
        tk.Phase("counters", lambda: [None], _count_anew, 1),
    ]


def _posts(dump: Dump, plan: Plan, kind: int) -> Iterator[Record]:
    for record in dump.records("Posts.xml"):
        if record["PostTypeId"] == kind and record["Id"] in plan.posts:
            yield record


def _tag_texts(dump: Dump, plan: Plan) -> Iterator[Record]:
    for record in dump.records("Posts.xml"):
        if record["Id"] in plan.tag_texts:
            yield record


def _comments(dump: Dump, plan: Plan) -> Iterator[Record]:
    for record in dump.records("Comments.xml"):
        if record["Id"] in plan.comments:
            yield record


def _count_anew(_: list[None], counts: tk.Counts) -> None:
    """Counters of topics, categories and tags, unless this run changed nothing."""
    if any(number for name, number in counts.items() if name.endswith(CHANGES)):
        counters.recount()
