from __future__ import annotations

import pytest

from ecrm_server.access import ANONYMOUS
from ecrm_server.errors import EcrmError, NotFound
from tests.plugins.forums.conftest import uid_of_first

pytestmark = pytest.mark.plugins("forums")


def allowed(action) -> bool:
    try:
        action()
    except EcrmError:
        return False
    return True


MATRIX = [
    # grants, who: sees, replies, opens
    ({}, {"visitor": "s", "member": "sro", "moderator": "sro", "admin": "sro"}),
    ({"everyone": "see"}, {"visitor": "s", "member": "s", "moderator": "s", "admin": "sro"}),
    ({"member": "reply"}, {"visitor": "", "member": "sr", "moderator": "sr", "admin": "sro"}),
    ({"moderator": "create"}, {"visitor": "", "member": "", "moderator": "sro", "admin": "sro"}),
    ({"staff": "create"}, {"visitor": "", "member": "", "moderator": "", "admin": "sro"}),
]


@pytest.mark.parametrize("grants,expected", MATRIX)
def test_levels_decide_who_sees_replies_and_opens(forums, person, grants, expected):
    admin = person("Admin", "admin")
    actors = {"visitor": ANONYMOUS, "member": person("Member"), "moderator": person("Mod", "moderator"), "admin": admin}
    outer = forums.category("Outer", **grants)
    inner = forums.category("Inner", parent=outer)
    topic = forums.topic(admin, inner)

    for name, actor in actors.items():
        if actor is ANONYMOUS:
            may = "s" if forums.permissions.access_of(actor).sees(inner.id) else ""
        else:
            may = "s" if allowed(lambda a=actor: forums.permissions.visible_topic(a, topic.uid)) else ""
            may += "r" if allowed(lambda a=actor: forums.reply(a, topic)) else ""
            may += "o" if allowed(lambda a=actor: forums.topic(a, inner)) else ""
        assert may == expected[name], f"{name} in {grants}"


def test_a_category_below_a_hidden_one_is_hidden_too(forums, person):
    outer = forums.category("Outer", staff="create")
    inner = forums.category("Inner", parent=outer, everyone="see")
    assert not forums.permissions.access_of(person("Member")).sees(inner.id)


def test_grants_of_a_group_hold_for_its_members_alone(forums, person, site):
    from ecrm_server.identity.models import Group, GroupMember
    from ecrm_server.identity.testing import actor_of, make_account

    account = make_account("Insider")
    group = Group.create(name="Insiders")
    GroupMember.create(group=group, account=account)
    category = forums.category("Inside", **{f"group:{group.id}": "create"})
    assert forums.permissions.access_of(actor_of(account)).sees(category.id)
    assert not forums.permissions.access_of(person("Outsider")).sees(category.id)


def test_a_changed_grant_holds_at_once(forums, person):
    from ecrm_server.access import SYSTEM

    member = person("Member")
    category = forums.category()
    assert forums.permissions.access_of(member).sees(category.id)
    forums.categories.set_grants(SYSTEM, category.uid, {"staff": "see"})
    assert not forums.permissions.access_of(member).sees(category.id)


def test_hidden_topics_answer_404_everywhere_and_change_nothing(forums, person, sign_in, queries):
    admin = person("Admin", "admin")
    category = forums.category("Secret", staff="create")
    topic = forums.topic(admin, category, "CANARY title", "CANARY text")
    post = uid_of_first(topic)
    browser = sign_in("Mod", "moderator")
    pages = [
        topic.url, f"/forums/p/{post}", f"/forums/p/{post}/history", f"/forums/p/{post}/edit", category.url,
        f"/forums/t/{topic.uid}/posts?after=0", f"/forums/t/{topic.uid}/reply", f"/forums/p/{post}/quote",
        f"{category.url}/feed.atom", f"/api/v1/forums/topics/{topic.uid}", f"/api/v1/forums/topics/{topic.uid}/posts",
        f"/api/v1/forums/posts/{post}", f"/api/v1/forums/topics?category={category.uid}", f"/flag/forums.post/{post}",
    ]  # fmt: skip
    for path in pages:
        answer = browser.get(path)
        assert answer.status_code == 404, path
        assert "CANARY" not in answer.text, path
    lists = ["/forums", "/forums/latest", "/forums/unread", "/forums/top", "/forums/feed.atom", "/forums/tags",
             "/forums/similar?q=CANARY", "/search?q=CANARY", "/api/v1/forums/topics", "/people/admin"]  # fmt: skip
    for path in lists:
        assert "CANARY t" not in browser.get(path).text, path

    writes = [
        (f"/forums/t/{topic.uid}/reply", {"text": "x"}), (f"/forums/p/{post}/vote", {"value": "1"}),
        (f"/forums/p/{post}/edit", {"text": "x", "edit_count": "0"}), (f"/forums/p/{post}/delete", {}),
        (f"/forums/p/{post}/restore", {}), (f"/forums/p/{post}/accept", {}), (f"/forums/t/{topic.uid}/close", {}),
        (f"/forums/t/{topic.uid}/pin", {}), (f"/forums/t/{topic.uid}/move", {"category": category.uid}),
        (f"/forums/t/{topic.uid}/tags", {"tags": "x"}), (f"/forums/watch/topic/{topic.uid}", {"level": "watch"}),
        (f"/forums/watch/category/{category.uid}", {"level": "watch"}),
    ]  # fmt: skip
    queries.clear()
    for path, form in writes:
        assert browser.post(path, form).status_code == 404, path
    assert not [sql for sql in queries if sql.startswith(("INSERT INTO forums", "UPDATE forums", "DELETE FROM forums"))]


def test_a_topic_cannot_be_moved_where_the_moderator_does_not_see(forums, person):
    mod, admin = person("Mod", "moderator"), person("Admin", "admin")
    topic = forums.topic(admin, forums.category())
    hidden = forums.category("Hidden", staff="create")
    with pytest.raises(NotFound):
        forums.topics.move(mod, topic.uid, hidden.uid)


def test_only_author_and_moderators_edit_and_delete(forums, person):
    ada, ben, mod = person("Ada"), person("Ben"), person("Mod", "moderator")
    topic = forums.topic(ada, forums.category())
    reply = forums.reply(ada, topic)
    assert not allowed(lambda: forums.posts.edit(ben, reply.uid, source="x"))
    assert not allowed(lambda: forums.posts.delete(ben, reply.uid))
    assert allowed(lambda: forums.posts.edit(mod, reply.uid, source="x"))
    assert allowed(lambda: forums.posts.delete(mod, reply.uid))
    assert not allowed(lambda: forums.posts.restore(ada, reply.uid))


def test_a_closed_topic_takes_replies_from_moderators_only(forums, person):
    ada, mod = person("Ada"), person("Mod", "moderator")
    topic = forums.topic(ada, forums.category())
    forums.topics.close(mod, topic.uid, True)
    assert not allowed(lambda: forums.reply(ada, topic))
    assert allowed(lambda: forums.reply(mod, topic))


def test_channels_refuse_what_one_may_not_read(forums, person):
    from tests.plugins.forums.conftest import module

    channels = module("channels")
    category = forums.category("Secret", staff="create")
    topic = forums.topic(person("Admin", "admin"), category)
    member, staff = person("Member"), person("Staff", "staff")
    assert not channels.TOPIC.authorise(member, topic.uid)
    assert not channels.CATEGORY.authorise(member, category.uid)
    assert channels.TOPIC.authorise(staff, topic.uid)
    assert not channels.TOPIC.authorise(staff, "unknown")
