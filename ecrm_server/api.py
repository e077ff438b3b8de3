"""The one facade that plugins import. What is not here is not for plugins."""

from __future__ import annotations

from ecrm_server import clock
from ecrm_server.access import ANONYMOUS, ANYONE, SIGNED_IN, SYSTEM, Actor, Permission, needs
from ecrm_server.access.may import may, require
from ecrm_server.admin.health import HealthCheck
from ecrm_server.admin.health import Result as HealthResult
from ecrm_server.content.cooked import Cooked, LinkPolicy
from ecrm_server.content.cooked import as_markup as cooked_markup
from ecrm_server.content.diff import diff as text_diff
from ecrm_server.content.html import sanitize as sanitize_html
from ecrm_server.content.html import to_markdown as html_to_markdown
from ecrm_server.content.markdown import cook as cook_markdown
from ecrm_server.content.markdown import quote as quote_markdown
from ecrm_server.content.names import slugify
from ecrm_server.content.text import excerpt, printable
from ecrm_server.customers.timeline import Entry as TimelineEntry
from ecrm_server.data import JSONText, MillisField, Model, Prepared, UidField, database, transaction
from ecrm_server.errors import Conflict, EcrmError, Forbidden, NotFound, Refusal, TooManyRequests
from ecrm_server.events import Delivered, Event, Subscription, ask, declared, emit, on
from ecrm_server.events.outbox import importing, is_importing
from ecrm_server.hookspecs import hookimpl
from ecrm_server.identity import profiles
from ecrm_server.identity.actors import avatar_url
from ecrm_server.identity.actors import of_account as actor_of_account
from ecrm_server.identity.community import CommunityPerson, CommunityProfiles
from ecrm_server.identity.models import Account, Profile
from ecrm_server.ids import public_id
from ecrm_server.importing import toolkit as import_toolkit
from ecrm_server.jobs.kind import JobKind
from ecrm_server.kernel.current import generation
from ecrm_server.moderation.kind import Moderated, ModeratedKind
from ecrm_server.moderation.services import hold as hold_for_review
from ecrm_server.moderation.services import screen
from ecrm_server.notices.kind import NoticeKind
from ecrm_server.notices.services import mark_group_read, notify
from ecrm_server.realtime import Channel, Message
from ecrm_server.realtime.control import ask_again
from ecrm_server.realtime.store import position as channel_position
from ecrm_server.rest import CursorSchema, Flag, Instant, RestBlueprint
from ecrm_server.rest import decode as decode_cursor
from ecrm_server.rest import page as rest_page
from ecrm_server.search import index as search_index
from ecrm_server.search.document import Document as SearchDocument
from ecrm_server.search.kind import Hit, SearchKind
from ecrm_server.settings.store import setting
from ecrm_server.storage.kind import FileKind
from ecrm_server.storage.services import attach as attach_files
from ecrm_server.storage.services import attached as attached_files
from ecrm_server.storage.services import delete_attached as delete_attached_files
from ecrm_server.storage.services import keep_only as keep_only_files
from ecrm_server.storage.services import save_file, save_image
from ecrm_server.web.blueprint import PluginBlueprint
from ecrm_server.web.formatting import age
from ecrm_server.web.forms import describe as describe_form
from ecrm_server.web.forms import load as load_form
from ecrm_server.web.fragments import Fragments, join_pieces
from ecrm_server.web.i18n import look as page_look
from ecrm_server.web.navigation import NavItem
from ecrm_server.web.pagecache import public_page
from ecrm_server.web.slots import Slot

__all__ = [
    "ANONYMOUS",
    "ANYONE",
    "SIGNED_IN",
    "SYSTEM",
    "Account",
    "Actor",
    "Channel",
    "CommunityPerson",
    "CommunityProfiles",
    "Conflict",
    "Cooked",
    "CursorSchema",
    "Delivered",
    "EcrmError",
    "Event",
    "FileKind",
    "Flag",
    "Forbidden",
    "Fragments",
    "HealthCheck",
    "HealthResult",
    "Hit",
    "Instant",
    "JSONText",
    "JobKind",
    "LinkPolicy",
    "Message",
    "MillisField",
    "Model",
    "Moderated",
    "ModeratedKind",
    "NavItem",
    "NotFound",
    "NoticeKind",
    "Permission",
    "PluginBlueprint",
    "Prepared",
    "Profile",
    "Refusal",
    "RestBlueprint",
    "SearchDocument",
    "SearchKind",
    "Slot",
    "Subscription",
    "TimelineEntry",
    "TooManyRequests",
    "UidField",
    "actor_of_account",
    "age",
    "ask",
    "ask_again",
    "attach_files",
    "attached_files",
    "avatar_url",
    "channel_position",
    "clock",
    "cook_markdown",
    "cooked_markup",
    "database",
    "declared",
    "decode_cursor",
    "delete_attached_files",
    "describe_form",
    "emit",
    "excerpt",
    "generation",
    "hold_for_review",
    "hookimpl",
    "html_to_markdown",
    "import_toolkit",
    "importing",
    "is_importing",
    "join_pieces",
    "keep_only_files",
    "load_form",
    "mark_group_read",
    "may",
    "needs",
    "notify",
    "on",
    "page_look",
    "printable",
    "profiles",
    "public_id",
    "public_page",
    "quote_markdown",
    "require",
    "rest_page",
    "sanitize_html",
    "save_file",
    "save_image",
    "screen",
    "search_index",
    "setting",
    "slugify",
    "text_diff",
    "transaction",
]
