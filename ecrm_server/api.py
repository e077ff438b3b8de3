"""The one facade that plugins import. What is not here is not for plugins."""

from __future__ import annotations

from ecrm_server import clock
from ecrm_server.access import ANONYMOUS, ANYONE, SIGNED_IN, SYSTEM, Actor, Permission, needs, own_eyes
from ecrm_server.access.may import may, require
from ecrm_server.admin.health import HealthCheck
from ecrm_server.admin.health import Result as HealthResult
from ecrm_server.audit.services import record as audit_record
from ecrm_server.consent.kind import Purpose, Question
from ecrm_server.consent.services import allowed as consent_allowed
from ecrm_server.consent.services import give as give_consent
from ecrm_server.consent.services import withdraw as withdraw_consent
from ecrm_server.content.cooked import Cooked, LinkPolicy
from ecrm_server.content.cooked import as_markup as cooked_markup
from ecrm_server.content.diff import diff as text_diff
from ecrm_server.content.html import sanitize as sanitize_html
from ecrm_server.content.html import to_markdown as html_to_markdown
from ecrm_server.content.markdown import cook as cook_markdown
from ecrm_server.content.markdown import quote as quote_markdown
from ecrm_server.content.names import name_key, slugify
from ecrm_server.content.text import excerpt, printable
from ecrm_server.csvfile import csv_text
from ecrm_server.customers.timeline import Entry as TimelineEntry
from ecrm_server.data import JSONText, MillisField, Model, Prepared, UidField, database, transaction
from ecrm_server.data.append_only import append_only, changeable
from ecrm_server.data.bulk import insert_many, select_by_key
from ecrm_server.data.limit import TooSlow, time_limit
from ecrm_server.errors import Conflict, EcrmError, Forbidden, NotFound, Refusal, TooManyRequests
from ecrm_server.events import Delivered, Event, Subscription, ask, declared, emit, on
from ecrm_server.events.outbox import emit_all, importing, is_importing
from ecrm_server.hookspecs import hookimpl
from ecrm_server.identity import profiles
from ecrm_server.identity.actors import avatar_url
from ecrm_server.identity.actors import of_account as actor_of_account
from ecrm_server.identity.community import CommunityPerson, CommunityProfiles
from ecrm_server.identity.limits import limited
from ecrm_server.identity.models import Account, Profile
from ecrm_server.ids import public_id
from ecrm_server.importing import toolkit as import_toolkit
from ecrm_server.importing.kind import ImportKind
from ecrm_server.jobs.kind import JobKind
from ecrm_server.jobs.run import Run as JobRun
from ecrm_server.jobs.run import Stopped as JobStopped
from ecrm_server.jobs.services import enqueue as enqueue_job
from ecrm_server.kernel.current import generation
from ecrm_server.lists.filters import condition as condition_of_form
from ecrm_server.lists.filters import fields as condition_in_form
from ecrm_server.lists.filters import operators as operators_in_form
from ecrm_server.lists.indexes import index_on
from ecrm_server.lists.kind import BulkAction, Column, Edit, ListKind
from ecrm_server.lists.page import list_page
from ecrm_server.moderation.kind import Moderated, ModeratedKind
from ecrm_server.moderation.services import hold as hold_for_review
from ecrm_server.moderation.services import screen
from ecrm_server.notices.kind import NoticeKind
from ecrm_server.notices.services import mark_group_read, notify
from ecrm_server.outbound import OutboundClient, OutboundFailed, OutboundRefused
from ecrm_server.privacy.kind import Retention
from ecrm_server.realtime import Channel, Message
from ecrm_server.realtime.control import ask_again
from ecrm_server.realtime.store import position as channel_position
from ecrm_server.rest import CursorSchema, Flag, Instant, RestBlueprint
from ecrm_server.rest import decode as decode_cursor
from ecrm_server.rest import page as rest_page
from ecrm_server.rules import AS_OF, Expression, Join, Members, Segment, Trait, TraitSet
from ecrm_server.rules import OPERATORS as RULE_OPERATORS
from ecrm_server.rules import changeable as changeable_rule
from ecrm_server.rules import describe as describe_rule
from ecrm_server.rules import evaluate as evaluate_rule
from ecrm_server.rules import events_relevant as rule_events
from ecrm_server.rules import explain as explain_rule
from ecrm_server.rules import forecast as forecast_rule
from ecrm_server.rules import next_change as rule_next_change
from ecrm_server.rules import parse as parse_rule
from ecrm_server.rules import query as rule_query
from ecrm_server.rules import segments_used as rule_segments
from ecrm_server.rules import time_dependent as rule_is_time_dependent
from ecrm_server.rules import traits_used as rule_traits
from ecrm_server.rules import words_for as rule_words
from ecrm_server.rules.catalogue import Subjects, Traits, find_segment, hidden_traits, trait_set
from ecrm_server.rules.catalogue import kinds as rule_kinds
from ecrm_server.rules.catalogue import load as load_subjects
from ecrm_server.rules.catalogue import stored as stored_trait
from ecrm_server.rules.catalogue import subjects as rule_subjects
from ecrm_server.seals import Chain as SealChain
from ecrm_server.seals import Commitment, new_salt, sealed
from ecrm_server.seals import commit as seal_commitment
from ecrm_server.seals.sealer import soon as seal_soon
from ecrm_server.seals.services import seal_pending
from ecrm_server.seals.services import verify as verify_seals
from ecrm_server.search import index as search_index
from ecrm_server.search.document import Document as SearchDocument
from ecrm_server.search.kind import Hit, SearchKind, SearchSource
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
    "AS_OF",
    "RULE_OPERATORS",
    "SIGNED_IN",
    "SYSTEM",
    "Account",
    "Actor",
    "BulkAction",
    "Channel",
    "Column",
    "Commitment",
    "CommunityPerson",
    "CommunityProfiles",
    "Conflict",
    "Cooked",
    "CursorSchema",
    "Delivered",
    "EcrmError",
    "Edit",
    "Event",
    "Expression",
    "FileKind",
    "Flag",
    "Forbidden",
    "Fragments",
    "HealthCheck",
    "HealthResult",
    "Hit",
    "ImportKind",
    "Instant",
    "JSONText",
    "JobKind",
    "JobRun",
    "JobStopped",
    "Join",
    "LinkPolicy",
    "ListKind",
    "Members",
    "Message",
    "MillisField",
    "Model",
    "Moderated",
    "ModeratedKind",
    "NavItem",
    "NotFound",
    "NoticeKind",
    "OutboundClient",
    "OutboundFailed",
    "OutboundRefused",
    "Permission",
    "PluginBlueprint",
    "Prepared",
    "Profile",
    "Purpose",
    "Question",
    "Refusal",
    "RestBlueprint",
    "Retention",
    "SealChain",
    "SearchDocument",
    "SearchKind",
    "SearchSource",
    "Segment",
    "Slot",
    "Subjects",
    "Subscription",
    "TimelineEntry",
    "TooManyRequests",
    "TooSlow",
    "Trait",
    "TraitSet",
    "Traits",
    "UidField",
    "actor_of_account",
    "age",
    "append_only",
    "ask",
    "ask_again",
    "attach_files",
    "attached_files",
    "audit_record",
    "avatar_url",
    "changeable",
    "changeable_rule",
    "channel_position",
    "clock",
    "condition_in_form",
    "condition_of_form",
    "consent_allowed",
    "cook_markdown",
    "cooked_markup",
    "csv_text",
    "database",
    "declared",
    "decode_cursor",
    "delete_attached_files",
    "describe_form",
    "describe_rule",
    "emit",
    "emit_all",
    "enqueue_job",
    "evaluate_rule",
    "excerpt",
    "explain_rule",
    "find_segment",
    "forecast_rule",
    "generation",
    "give_consent",
    "hidden_traits",
    "hold_for_review",
    "hookimpl",
    "html_to_markdown",
    "import_toolkit",
    "importing",
    "index_on",
    "insert_many",
    "is_importing",
    "join_pieces",
    "keep_only_files",
    "limited",
    "list_page",
    "load_form",
    "load_subjects",
    "mark_group_read",
    "may",
    "name_key",
    "needs",
    "new_salt",
    "notify",
    "on",
    "operators_in_form",
    "own_eyes",
    "page_look",
    "parse_rule",
    "printable",
    "profiles",
    "public_id",
    "public_page",
    "quote_markdown",
    "require",
    "rest_page",
    "rule_events",
    "rule_is_time_dependent",
    "rule_kinds",
    "rule_next_change",
    "rule_query",
    "rule_segments",
    "rule_subjects",
    "rule_traits",
    "rule_words",
    "sanitize_html",
    "save_file",
    "save_image",
    "screen",
    "seal_commitment",
    "seal_pending",
    "seal_soon",
    "sealed",
    "search_index",
    "select_by_key",
    "setting",
    "slugify",
    "stored_trait",
    "text_diff",
    "time_limit",
    "trait_set",
    "transaction",
    "verify_seals",
    "withdraw_consent",
]
