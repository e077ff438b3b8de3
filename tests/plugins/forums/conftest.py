"""A community to test on: categories, topics and people, made through the services."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from ecrm_server.access import SYSTEM, Actor
from ecrm_server.identity.testing import actor_of, make_account
from ecrm_server.kernel.site import Site


def module(name: str) -> Any:
    """A module of the plugin, as the server imported it."""
    return importlib.import_module(f"ecrm_plugins.forums.{name}")


@dataclass
class Community:
    """What the tests speak to: the plugin's services by name, and shortcuts."""

    site: Site

    def __getattr__(self, name: str) -> Any:
        return module(f"services.{name}")

    def category(self, name: str = "Workshop", parent: Any = None, **grants: str) -> Any:
        node = self.categories.create(SYSTEM, {"name": name, "parent": parent.uid if parent else ""})
        if grants:
            self.categories.set_grants(SYSTEM, node.uid, grants)
        return node

    def topic(self, actor: Actor, category: Any, title: str = "Squealing brakes", text: str = "They squeal.") -> Any:
        return self.topics.open_topic(actor, category.uid, title=title, source=text)

    def reply(self, actor: Actor, topic: Any, text: str = "Toe them in.", parent: str | None = None) -> Any:
        return self.posts.reply(actor, topic.uid, source=text, parent_uid=parent)


SOURCE = {
    "source_name": "bicycles.example",
    "source_url": "https://bicycles.example/a/7",
    "author_url": "https://bicycles.example/users/7",
    "licence": "CC BY-SA 4.0",
    "source_id": "answer 7",
}


def imported(post_uid: str, html: str = "<p>Wipe the <b>rims</b>.</p>", source_id: str = "answer 7") -> None:
    """Let a post be one that an import brought."""
    post = module("models").Post
    cooked = module("services.cooking").cook(html, "html")
    text = {"source_format": "html", "source": html, "html": cooked.html, "excerpt": cooked.text}
    values = {**text, **SOURCE, "source_id": source_id}
    post.update(**values).where(post.uid == post_uid).execute()
    module("services.personal").touch(post.get(post.uid == post_uid).author_id)


def uid_of_first(topic: Any) -> str:
    """The public id of a topic's first post."""
    return str(module("services.refs").post_by_id(topic.first_post_id).uid)


@pytest.fixture
def forums(site: Site) -> Community:
    return Community(site)


@pytest.fixture
def person(site: Site) -> Callable[..., Actor]:
    """``person("Ada", "moderator")``: the actor of a new account."""

    def make(name: str, *roles: str, **more: Any) -> Actor:
        return actor_of(make_account(name, roles=roles, **more))

    return make
