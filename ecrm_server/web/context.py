"""What every template can use, and what every response carries."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from flask import g, request
from markupsafe import Markup

from ecrm_server.access import ANYONE, SIGNED_IN, Actor
from ecrm_server.data import is_away
from ecrm_server.kernel import current
from ecrm_server.web import formatting, icons
from ecrm_server.web.assets import Assets
from ecrm_server.web.compress import packed
from ecrm_server.web.headers import secure
from ecrm_server.web.icons import icon
from ecrm_server.web.navigation import ADMINISTRATION, NavItem
from ecrm_server.web.slots import SlotBoard
from ecrm_server.web.templates import environment_of

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from ecrm_server.kernel.generation import Generation
    from ecrm_server.web.app import EcrmFlask


def install(app: EcrmFlask) -> None:
    """Fill the template environment and wrap the responses."""
    generation = app.generation
    board = SlotBoard(generation.fault)
    for part, slot in generation.registry.slots:
        board.add(part, slot)
    app.extensions["ecrm_slots"] = board
    app.extensions["ecrm_assets"] = assets = _assets(generation)
    env = environment_of(app)
    icons.strict(generation.config.testing)
    formatting.install(env)
    env.globals.update(icon=icon, asset=assets.url, slot=_slot(board), site=Site(generation), may=_may)
    env.globals.update(nav_items=nav_items, nav_groups=nav_groups)
    env.foldable.update(icon=icon, asset=assets.url)
    env.edition += assets.edition
    app.context_processor(_per_request)
    app.after_request(_finished)


def _finished(response: Response) -> Response:
    if request.endpoint == "web.static" and response.status_code < 400:
        return response  # files carry the headers that matter for files; the rest would double small ones
    return secure(packed(response), signed_in=g.actor.is_authenticated)


class Site:
    """Name, logo and colour of the site, from its settings."""

    def __init__(self, generation: Generation) -> None:
        settings = generation.settings
        self.name: str = settings.get("web.site_name", "eCRM Server")
        self.logo_url: str | None = settings.get("web.logo_url") or None
        self.accent: str = settings.get("web.accent", "")
        self.theme: str = settings.get("web.theme", "")
        self.base_url = generation.config.base_url
        self.demo = generation.config.demo
        parts = generation.parts
        self.modules = [
            ("" if parts[part].is_core else part, path) for part, path in generation.registry.page_modules
        ]


def _assets(generation: Generation) -> Assets:
    from ecrm_server.web.templates import theme_folder

    plugins = {
        part.name: part.folder / "static" for part in generation.plugins if (part.folder / "static").is_dir()
    }
    theme = str(generation.settings.get("web.theme", ""))
    folder = theme_folder(generation.config.instance, theme)
    themes = {theme: folder / "static"} if folder is not None and (folder / "static").is_dir() else {}
    testing = generation.config.testing
    return Assets(plugins=plugins, themes=themes, strict=testing)


def visible(permission: str, actor: Actor) -> bool:
    """Whether an actor is shown something that asks for a permission, ``ANYONE`` or ``SIGNED_IN``."""
    return (
        permission == ANYONE or (permission == SIGNED_IN and actor.is_authenticated) or actor.may(permission)
    )


def _may(permission: str, obj: Any = None) -> bool:
    from ecrm_server.access.may import may

    return may(g.actor, permission, obj)


def _slot(board: SlotBoard) -> Any:
    def slot(place: str, **context: Any) -> Markup:
        return board.render(place, lambda permission: visible(permission, g.actor), context)

    return slot


def nav_items(place: str = "main") -> list[dict[str, Any]]:
    """The entries of a menu that the actor may see; the active one is that whose URL begins the path.

    In the sidebar every page of the administration's menu belongs to the administration, wherever its path begins.
    """
    from ecrm_server.web.app import current_app

    places = ("main", "admin") if place == "main" else (place,)
    seen = [
        item
        for item in current_app().generation.registry.navigation
        if item.place in places and visible(item.permission, g.actor)
    ]
    items = [item for item in seen if item.place == place]
    active = _active(seen, request.path)
    if active is not None and active.place != place:
        own = (item for item in items if item.key == ADMINISTRATION)
        active = next(own, _active(items, request.path))
    return [
        {
            "key": item.key,
            "label": item.label,
            "url": item.url,
            "icon": item.icon,
            "active": item is active,
            "badge": _badge(item),
            "group": item.group,
        }
        for item in items
    ]


def _badge(item: NavItem) -> str:
    """What waits behind an entry, in at most three characters; a part that fails here shows nothing."""
    if item.count is None:
        return ""
    try:
        number = item.count(g.actor)
    except Exception as error:  # one part's fault must not take every page away
        if is_away(error):
            raise
        current.generation().fault(item.key.partition(".")[0], f"count of {item.key}", error)
        return ""
    return "" if not number else str(number) if number < 100 else "99+"


def nav_groups(place: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """The entries of a menu below their headings, the headings in the order of their first entries."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for entry in nav_items(place):
        groups.setdefault(entry["group"], []).append(entry)
    return list(groups.items())


def _active(items: list[NavItem], path: str) -> NavItem | None:
    fitting = [
        (len(url), item)
        for item in items
        for url in (item.url, *item.also)
        if path == url or path.startswith(url.rstrip("/") + "/")
    ]
    return max(fitting, key=itemgetter(0), default=(0, None))[1]


def _per_request() -> dict[str, Any]:
    from ecrm_server.web import i18n, viewing

    actor: Actor = g.actor
    return {
        "actor": actor,
        "viewing": viewing.banner() if actor.only_looks else None,
        "locale": i18n.current(),
        "nav": nav_items(),
        "unread_notices": actor.unread_notices,
        "page_modules": [],
    }
