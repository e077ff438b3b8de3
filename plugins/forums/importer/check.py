"""The first pass: every row of every file, and what they say of each other. Nothing is written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from ecrm_server.api import Refusal
from ecrm_server.api import import_toolkit as tk

from ..services import tags
from .dump import Dump, Fault, Record
from .plan import Plan, PlannedComment, PlannedPost

QUESTION, ANSWER, WIKI_EXCERPT, WIKI = 1, 2, 4, 5
_POST_TYPES = {
    3: "orphaned tag wikis", 6: "moderator nominations", 7: "wiki placeholders", 8: "privilege wikis",
}  # fmt: skip
UP, DOWN = 2, 3
_VOTE_TYPES = {
    1: "accepted by the author", 4: "offensive", 5: "favourite", 6: "close", 7: "reopen", 8: "bounty started",
    9: "bounty given", 10: "deletion", 11: "undeletion", 12: "spam", 13: "moderator informed", 14: "nomination",
    15: "moderator review", 16: "edit approved",
}  # fmt: skip
LINKED, DUPLICATE = 1, 3
_LINK_KINDS = {LINKED: "linked", DUPLICATE: "duplicate"}
GRADES = {1: "gold", 2: "silver", 3: "bronze"}
_TAG = re.compile(r"[^<>|]+")
_PICTURE = re.compile(r"<img\b", re.IGNORECASE)


def tag_names(record: Record) -> list[str]:
    """The tags of a question, each once, in the form in which they are stored. Raises Refusal."""
    return list(dict.fromkeys(tags.normal(name) for name in _TAG.findall(record["Tags"] or "")))


def link_between(record: Record, plan: Plan) -> tuple[int, int, str] | str:
    """The questions that a row of PostLinks.xml joins, and how; or the reason why it is left out."""
    if record["PostId"] not in plan.posts or record["RelatedPostId"] not in plan.posts:
        return "links to absent posts"
    kind = _LINK_KINDS.get(record["LinkTypeId"])
    if kind is None:
        return f"links of unknown type {record['LinkTypeId']}"
    source, target = plan.posts[record["PostId"]].question, plan.posts[record["RelatedPostId"]].question
    return (source, target, kind) if source != target else "links of a topic to itself"


def check(dump: Dump, problems: tk.Problems) -> Plan:
    """Read everything once. Problems are collected; the plan is whole only when there are none."""
    return Check(dump, problems).run()


class Check:
    """The state of a first pass; use ``check``."""

    def __init__(self, dump: Dump, problems: tk.Problems) -> None:
        self.dump, self.problems, self.plan = dump, problems, Plan()
        self.facts = self.plan.facts
        self.names: set[str] = set()
        self.every_post: set[int] = set()
        self.scores: dict[int, int] = {}
        self.accepted: dict[int, int] = {}
        self.wikis: dict[int, tuple[int, bool]] = {}
        """Of each tag wiki: its post type and whether it says something."""
        self.pictures = Counter[str]()

    def run(self) -> Plan:
        try:
            self._read("Users.xml", "users read", self._user)
            self._read("Posts.xml", "posts read", self._post)
            self._settle_posts()
            self._read("Tags.xml", "tags read", self._tag)
            self._settle_tags()
            self._read("Comments.xml", "comments read", self._comment)
            self._read("Votes.xml", "votes read", self._vote)
            self._settle_votes()
            self._read("Badges.xml", "badges read", self._badge)
            self._read("PostLinks.xml", "links read", self._link)
        except tk.TooManyProblemsError:
            return self.plan
        self.plan.arrange()
        return self.plan

    def _read(self, name: str, label: str, look: Callable[[Record, Fault], None]) -> None:
        self.facts.add(label, 0)
        for record, fault in self.dump.checked(name, self.problems):
            self.facts.add(label)
            look(record, fault)

    # -- users

    def _user(self, record: Record, _: Fault) -> None:
        name = " ".join(record["DisplayName"].split())
        if name in self.names:
            self.facts.add("users with a name that another one has")
        self.names.add(name)
        self.plan.users.add(record["Id"])

    # -- posts

    def _post(self, record: Record, fault: Fault) -> None:
        key, kind = record["Id"], record["PostTypeId"]
        self.every_post.add(key)
        if kind in (WIKI, WIKI_EXCERPT):
            self.facts.add("tag wikis read")
            self.wikis[key] = (kind, bool(record["Body"].strip()))
        elif kind == QUESTION:
            self._question(record, fault)
        elif kind == ANSWER:
            self._answer(record, fault)
        else:
            self.facts.add(f"posts left out: {_POST_TYPES.get(kind, f'unknown type {kind}')}")
        if kind in (QUESTION, ANSWER):
            self._author(record["OwnerUserId"], "posts")
            found = len(_PICTURE.findall(record["Body"]))
            self.pictures.update(posts=found > 0, pictures=found)

    def _question(self, record: Record, fault: Fault) -> None:
        if record["Title"] is None:
            fault("the attribute Title is missing.")
        try:
            self.plan.tags.update(dict.fromkeys(tag_names(record)))
        except Refusal as error:
            fault(f"Tags: {error.message}")
        key = record["Id"]
        self.plan.posts[key] = PlannedPost(key, key, record["CreationDate"])
        self.scores[key] = record["Score"]
        if record["AcceptedAnswerId"] is not None:
            self.accepted[key] = record["AcceptedAnswerId"]
        if record["ClosedDate"] is not None:
            self.facts.add("closed questions")

    def _answer(self, record: Record, fault: Fault) -> None:
        if record["ParentId"] is None:
            fault("the attribute ParentId is missing.")
            return
        self.plan.posts[record["Id"]] = PlannedPost(record["Id"], record["ParentId"], record["CreationDate"])
        self.scores[record["Id"]] = record["Score"]

    def _author(self, user: int | None, what: str) -> None:
        if user is None:
            self.facts.add(f"{what} without a user id")
        elif user not in self.plan.users:
            self.facts.add(f"{what} of absent users")

    def _settle_posts(self) -> None:
        """Answers know their questions and questions their accepted answers only when all are read."""
        posts = self.plan.posts
        questions = {key for key, post in posts.items() if post.is_question}
        for key in [key for key, post in posts.items() if post.question not in questions]:
            del posts[key]
            self.facts.add("answers to absent questions")
        for question, answer in self.accepted.items():
            post = posts.get(answer)
            if post is None or post.question != question or post.is_question:
                self.facts.add("accepted answers that are absent")
            else:
                post.accepted = posts[question].answered = True
                self.facts.add("accepted answers")
        self.facts.add("questions", len(questions))
        self.facts.add("answers", len(posts) - len(questions))
        self.facts.add("posts with pictures of other hosts", self.pictures["posts"])
        self.facts.add("pictures that become links", self.pictures["pictures"])

    # -- tags

    def _tag(self, record: Record, fault: Fault) -> None:
        try:
            name = tags.normal(record["TagName"])
        except Refusal as error:
            fault(f"TagName: {error.message}")
            return
        self.plan.tags[name] = None
        for key in (record["ExcerptPostId"], record["WikiPostId"]):
            # The short text comes first; the long one stands in where that says nothing.
            if key is not None and self.wikis.pop(key, (0, False))[1]:
                if name in self.plan.tag_texts.values():
                    self.facts.add("tag wikis left out: the tag has a shorter description")
                else:
                    self.plan.tag_texts[key] = name
            elif key is not None and key in self.every_post:
                self.facts.add("tag wikis left out: empty")

    def _settle_tags(self) -> None:
        self.facts.add("tag wikis that become descriptions", len(self.plan.tag_texts))
        if self.wikis:
            self.facts.add("tag wikis left out: of no tag", len(self.wikis))

    # -- comments, votes, badges, links

    def _comment(self, record: Record, _: Fault) -> None:
        if record["PostId"] not in self.plan.posts:
            where = "other" if record["PostId"] in self.every_post else "absent"
            self.facts.add(f"comments on {where} posts, left out")
            return
        self.plan.comments[record["Id"]] = PlannedComment(record["PostId"], record["CreationDate"])
        self._author(record["UserId"], "comments")

    def _vote(self, record: Record, _: Fault) -> None:
        kind, post = record["VoteTypeId"], self.plan.posts.get(record["PostId"])
        if record["PostId"] not in self.every_post:
            self.facts.add("votes on absent posts")
        elif kind not in (UP, DOWN):
            self.facts.add(f"votes left out: {_VOTE_TYPES.get(kind, f'unknown type {kind}')}")
        elif post is None:
            self.facts.add("votes on tag wikis and other posts, left out")
        elif kind == UP:
            post.up += 1
            self.facts.add("votes up")
        else:
            post.down += 1
            self.facts.add("votes down")

    def _settle_votes(self) -> None:
        """What Score and votes disagree in becomes further votes: a dump without Votes.xml has only scores."""
        self.facts.add("posts whose votes were completed to their score", 0)
        for key, post in self.plan.posts.items():
            missing = self.scores[key] - (post.up - post.down)
            if missing:
                post.up += max(missing, 0)
                post.down += max(-missing, 0)
                self.facts.add("posts whose votes were completed to their score")

    def _badge(self, record: Record, fault: Fault) -> None:
        if record["Class"] not in GRADES:
            fault(f"Class is {record['Class']}, but it should be 1, 2 or 3.")
        if record["UserId"] not in self.plan.users:
            self.facts.add("badges of absent users, left out")

    def _link(self, record: Record, _: Fault) -> None:
        found = link_between(record, self.plan)
        if isinstance(found, str):
            self.facts.add(f"{found}, left out")
