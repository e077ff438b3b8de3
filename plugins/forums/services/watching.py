"""What an account wants to hear of, and what it does not."""

from __future__ import annotations

from ecrm_server.api import Actor, Prepared, Refusal, clock, transaction

WATCH, MUTE = "watch", "mute"
KINDS = ("topic", "category", "tag")
LEVELS = (WATCH, MUTE, "")

_SET = Prepared(
    "INSERT INTO forums_watch (account_id, kind, target_id, level, at) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (account_id, kind, target_id) DO UPDATE SET level = excluded.level, at = excluded.at"
)
_FIRST = Prepared(
    "INSERT INTO forums_watch (account_id, kind, target_id, level, at) VALUES (?, 'topic', ?, 'watch', ?)"
    " ON CONFLICT (account_id, kind, target_id) DO NOTHING"
)
_UNSET = Prepared("DELETE FROM forums_watch WHERE account_id = ? AND kind = ? AND target_id = ?")
_LEVEL = Prepared("SELECT level FROM forums_watch WHERE account_id = ? AND kind = ? AND target_id = ?")
_FORGET = Prepared("DELETE FROM forums_watch WHERE kind = ? AND target_id = ?")
_WATCHERS = Prepared(
    "SELECT account_id, MIN(CASE kind WHEN 'topic' THEN 1 WHEN 'tag' THEN 2 ELSE 3 END * 10"
    " + CASE level WHEN 'mute' THEN 0 ELSE 1 END) FROM forums_watch WHERE (kind = 'topic' AND target_id = ?)"
    " OR (kind = 'category' AND target_id = ?)"
    " OR (kind = 'tag' AND target_id IN (SELECT tag_id FROM forums_topic_tag WHERE topic_id = ?)) GROUP BY account_id"
)


def choose(actor: Actor, kind: str, target_id: int, level: str) -> None:
    """Watch or mute something, or (with an empty level) neither. The caller made sure that the actor sees it."""
    assert actor.account_id is not None
    if kind not in KINDS or level not in LEVELS:
        raise Refusal("Choose to watch, to mute, or neither.", field="level")
    with transaction():
        if level:
            _SET.run(actor.account_id, kind, target_id, level, clock.now())
        else:
            _UNSET.run(actor.account_id, kind, target_id)


def watch_own(account_id: int, topic_id: int) -> None:
    """Who writes in a topic watches it, unless they chose something before."""
    _FIRST.run(account_id, topic_id, clock.now())


def level_of(actor: Actor, kind: str, target_id: int) -> str:
    """``watch``, ``mute`` or an empty text."""
    return str(_LEVEL.value(actor.account_id, kind, target_id) or "")


def watchers(topic_id: int, category_id: int) -> tuple[set[int], set[int]]:
    """Accounts that watch a topic and accounts that muted it. The choice for the topic counts before that for
    one of its tags, and that before its category's; among tags a mute wins."""
    watching: set[int] = set()
    muted: set[int] = set()
    for account_id, choice in _WATCHERS.tuples(topic_id, category_id, topic_id):
        (watching if choice % 10 else muted).add(account_id)
    return watching, muted


def forget(kind: str, target_id: int) -> None:
    """Nobody watches what is gone."""
    _FORGET.run(kind, target_id)
