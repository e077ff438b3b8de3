"""Who may do what in the forums: levels in categories, and rights on single topics and posts.

Whoever may not read something gets NotFound, whatever else was asked: the right to act implies the right to read.
"""

from __future__ import annotations

from ecrm_server.api import Actor, NotFound, Refusal, may, require

from . import refs
from .memory import Bounded, kept
from .refs import PostRef, TopicRef
from .tree import CREATE, REPLY, SEE, Node, Tree, tree

MODERATE = "forums.moderate"
_SEEN_LEVELS = 500


class Access:
    """What one actor may do in each category. Cheap to ask for: kept by roles while no category changes."""

    def __init__(self, categories: Tree, subjects: frozenset[str], *, everything: bool) -> None:
        self.tree = categories
        self.levels: dict[int, int] = {}
        for node in categories.walk():
            level = CREATE if everything else max((node.grants.get(s, 0) for s in subjects), default=0)
            # Nobody sees a category below one that is hidden from them.
            if node.parent_id is None or self.levels.get(node.parent_id):
                self.levels[node.id] = level
        self.visible: tuple[int, ...] = tuple(sorted(key for key, level in self.levels.items() if level >= SEE))
        self.sees_all = len(self.visible) == len(categories.nodes)

    def level(self, category_id: int) -> int:
        """0 (hidden), SEE, REPLY or CREATE."""
        return self.levels.get(category_id, 0)

    def sees(self, category_id: int) -> bool:
        return self.level(category_id) >= SEE

    def node(self, category_id: int) -> Node:
        """A category of the tree, visible or not."""
        return self.tree.nodes[category_id]

    def nodes(self, level: int = SEE) -> list[Node]:
        """The categories where the actor has at least this level, in the order of the index page."""
        return [node for node in self.tree.walk() if self.level(node.id) >= level]

    def find(self, uid: str) -> Node:
        """A visible category by its uid. Raises NotFound."""
        node = self.tree.by_uid.get(uid)
        if node is None or not self.sees(node.id):
            raise NotFound()
        return node


def subjects_of(actor: Actor) -> frozenset[str]:
    """The names under which grants may be given to an actor: roles, and ``group:<key>`` for each group."""
    return actor.roles | {"everyone"} | {f"group:{key}" for key in actor.groups}


def access_of(actor: Actor) -> Access:
    """What the actor may do in each category: one small query."""
    categories = tree()
    everything = actor.all_permissions or actor.may("forums.manage_categories")
    key = (categories.version, everything, actor.roles, actor.groups)
    known: Bounded = kept("access", lambda: Bounded(_SEEN_LEVELS))
    found: Access | None = known.get(key)
    if found is None:
        found = known[key] = Access(categories, subjects_of(actor), everything=everything)
    return found


def sees_topic(actor: Actor, access: Access, topic: TopicRef) -> bool:
    """Whether the actor may read a topic. Held and deleted ones are for their author and moderators."""
    if not access.sees(topic.category_id):
        return False
    return topic.listed or is_own(actor, topic.author_id) or actor.may(MODERATE)


def sees_post(actor: Actor, access: Access, post: PostRef) -> bool:
    """Whether the actor may read a post."""
    if not sees_topic(actor, access, post.topic):
        return False
    gone = post.held or post.deleted_at is not None
    return not gone or is_own(actor, post.author_id) or actor.may(MODERATE)


def is_own(actor: Actor, profile_id: int | None) -> bool:
    """Whether something with this author is the actor's."""
    return profile_id is not None and profile_id == actor.profile_id


def may_hook(actor: Actor, permission: str, obj: object) -> bool | None:
    """The forums' answer to ``may``: True or False for categories, topics and posts, None for anything else."""
    if isinstance(obj, Node):
        return access_of(actor).level(obj.id) >= _CATEGORY_LEVELS.get(permission, SEE)
    if isinstance(obj, TopicRef):
        return _may_topic(actor, access_of(actor), permission, obj)
    if isinstance(obj, PostRef):
        return _may_post(actor, access_of(actor), permission, obj)
    return None


_CATEGORY_LEVELS = {"forums.open_topic": CREATE, "forums.reply": REPLY}


def _may_topic(actor: Actor, access: Access, permission: str, topic: TopicRef) -> bool:
    if not sees_topic(actor, access, topic):
        return False
    moderator = actor.may(MODERATE)
    own = is_own(actor, topic.author_id)
    if permission == "forums.reply":
        return access.level(topic.category_id) >= REPLY and topic.listed and (moderator or not topic.closed)
    if permission in ("forums.tag", "forums.accept_answer", "forums.edit_post"):
        return topic.deleted_at is None and (moderator or (own and not topic.closed))
    if permission == "forums.delete_post":
        # What others answered is theirs too: only a moderator takes it away.
        return moderator or (own and topic.reply_count == 0)
    return True


def _may_post(actor: Actor, access: Access, permission: str, post: PostRef) -> bool:
    if not sees_post(actor, access, post):
        return False
    moderator = actor.may(MODERATE)
    own = is_own(actor, post.author_id)
    gone = post.held or post.deleted_at is not None
    match permission:
        case "forums.edit_post":
            right = post.deleted_at is None and (moderator or (own and not post.topic.closed))
        case "forums.delete_post":
            right = moderator or own
        case "forums.vote":
            right = not (own or gone) and post.topic.listed
        case "forums.accept_answer":
            acceptable = not (gone or post.is_first or post.is_comment)
            right = acceptable and _may_topic(actor, access, permission, post.topic)
        case "forums.reply":
            right = not gone and _may_topic(actor, access, permission, post.topic)
        case _:
            right = True
    return right


def visible_topic(actor: Actor, uid: str) -> TopicRef:
    """A topic that the actor may read. Raises NotFound."""
    found = refs.topic(uid)
    if not sees_topic(actor, access_of(actor), found):
        raise NotFound()
    return found


def visible_post(actor: Actor, uid: str) -> PostRef:
    """A post that the actor may read. Raises NotFound."""
    found = refs.post(uid)
    if not sees_post(actor, access_of(actor), found):
        raise NotFound()
    return found


def require_writing(actor: Actor, permission: str, obj: Node | TopicRef | PostRef) -> None:
    """Raise unless the actor may write here: NotFound, Forbidden, or Refusal with a sentence for the form."""
    require(actor, "forums.read", obj, hidden=True)
    if actor.silenced:
        raise Refusal("You can read at present, but not write.")
    topic = obj.topic if isinstance(obj, PostRef) else obj
    if isinstance(topic, TopicRef) and topic.closed and not may(actor, permission, obj):
        raise Refusal("This topic is closed.")
    require(actor, permission, obj)
