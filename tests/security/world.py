"""A small site on which everybody owns something that others must not see: its uids, and a canary in each secret."""

from __future__ import annotations

import importlib
import io
from typing import Any

from PIL import Image

from ecrm_server import clock
from ecrm_server.access import SYSTEM, Actor, groups
from ecrm_server.access import services as access
from ecrm_server.customers import (
    activities,
    answers,
    contacts,
    duplicates,
    fields,
    merging,
    organisations,
    plans,
)
from ecrm_server.customers import services as customers
from ecrm_server.customers.facts import CUSTOMER, ORGANISATION
from ecrm_server.data import Prepared, database, transaction
from ecrm_server.events.delivery import deliver_pending
from ecrm_server.identity import apikeys, claim, invitations, sessions
from ecrm_server.identity.models import Account, ApiKey
from ecrm_server.identity.testing import actor_of, make_account, session_key
from ecrm_server.jobs.models import Job
from ecrm_server.jobs.run import Run
from ecrm_server.kernel import current, state
from ecrm_server.kernel.site import Site
from ecrm_server.lists import stored
from ecrm_server.lists.models import ListBulk
from ecrm_server.mailbox.letter import Letter
from ecrm_server.moderation import decisions, flags, queue
from ecrm_server.notices import mail, unsubscribe
from ecrm_server.notices.services import notify
from ecrm_server.privacy.models import DataRequest
from ecrm_server.storage import services as storage
from ecrm_server.storage.kind import PUBLIC
from ecrm_server.storage.store import new_key
from tests.security import people as who
from tests.security.digest import Watch

GONE = "1" * 12
"""The uid of nothing."""


def module(name: str) -> Any:
    """A module of the forums, as the server imported it."""
    return importlib.import_module(f"ecrm_plugins.forums.{name}")


def picture(colour: str = "red", kind: str = "PNG") -> bytes:
    found = io.BytesIO()
    Image.new("RGB", (20, 20), colour).save(found, kind)
    return found.getvalue()


class World:
    """``ids``: uids by name, for the paths and forms of the matrix. ``canaries``: text -> who may ever read it."""

    def __init__(self, site: Site) -> None:
        database.connect(reuse_if_open=True)
        self.site = site
        self.ids: dict[str, str] = {"gone": GONE}
        self.canaries: dict[str, frozenset[str]] = {}
        self.accounts: dict[str, Any] = {}
        self.cookies: dict[str, str] = {}
        self._people()
        self._organisations()
        self._forums()
        self._moderation()
        self._private()
        self._administration()
        self._lists()
        self._customers()
        self._segments()
        self._sign_in()
        deliver()
        database.close()
        self.files = site.config.instance / "files"
        self._kept_files = {path: path.read_bytes() for path in self.files.rglob("*") if path.is_file()}
        self.watch: Any = None
        if site.config.database_url.startswith("sqlite"):
            self.watch = Watch(site.config.database_url)
            self.watch.keep()

    def actor(self, name: str) -> Any:
        return actor_of(self.accounts[name])

    def secret(self, text: str, *may_read: str) -> str:
        """Note a canary and who may read it; returns it."""
        self.canaries[text] = frozenset(may_read)
        return text

    def _people(self) -> None:
        access.create_role(SYSTEM, "manager", "Manager")
        registry = current.generation().registry
        access.set_permissions(SYSTEM, {"manager": who.MANAGER}, list(registry.permissions.values()), {})
        self.site.dispatcher.refresh(wait=True)
        for key, name in who.NAMES.items():
            email = self.secret(f"canary-{key}@example.org", key, *who.STAFF, *who.MANAGERS)
            self.accounts[key] = make_account(name, roles=who.ROLES.get(key, ()), email=email)
            self.ids[key] = self.accounts[key].profile_uid
            self.ids[f"{key}_account"] = self.accounts[key].uid
        deliver()
        for key in who.NAMES:
            self.ids[f"{key}_customer"] = customers.of_account(self.accounts[key].id)["uid"]

    def _organisations(self) -> None:
        for letter, members in (("a", (who.PAM, who.PIA)), ("b", (who.QUIN, who.QORA))):
            name = self.secret(f"CanaryOrganisation{letter.upper()}", *members, *who.STAFF)
            uid = self.ids[f"org_{letter}"] = organisations.create(SYSTEM, name, "partner")
            for member, role in zip(members, ("member", "admin"), strict=True):
                organisations.add_member(SYSTEM, uid, self.ids[f"{member}_customer"], role)
        name = self.secret("CanaryCustomer", *who.STAFF)
        self.ids["customer"] = customers.create(
            SYSTEM, name, email=self.secret("canary@cust.example", *who.STAFF)
        )

    def _segments(self) -> None:
        editing, building, hand = (
            importlib.import_module(f"ecrm_plugins.segments.services.{name}")
            for name in ("editing", "building", "hand")
        )
        title, run = self.secret("CanarySegment", *who.STAFF), Run("", {}, None, 1)
        self.ids["segment"] = editing.create(SYSTEM, title, rule={"all": []})
        building.build(self.ids["segment"], run)
        self.ids["segment_list"] = editing.create(SYSTEM, self.secret("CanaryList", *who.STAFF))
        hand.add(SYSTEM, self.ids["segment_list"], [self.ids[f"{who.ADA}_customer"]])
        self.ids["segment_old"] = editing.create(SYSTEM, "Put away")
        editing.archive(SYSTEM, self.ids["segment_old"])

    def _forums(self) -> None:
        self.categories, self.topics, self.posts = (
            module(f"services.{n}") for n in ("categories", "topics", "posts")
        )
        open_ = self._category("open", "Workshop", {"everyone": "see", "member": "create"})
        self._category("other", "Roadside", {"everyone": "see", "member": "create"})
        self._category("empty", "Attic", {"everyone": "see", "member": "create"})
        name = self.secret("CanarySecretCategory", *who.STAFF)
        secret = self._category("secret", name, {"staff": "create"})
        topic = self._topic("topic", who.ADA, open_, "Squealing brakes", "They squeal when wet.")
        self._reply("reply_bea", who.BEA, topic, "Toe them in.")
        self._reply("reply_ada", who.ADA, topic, "I did that already.")
        self._reply("reply_sil", who.SIL, topic, "Use other pads.")
        self._topic("topic_own", who.ADA, open_, "Nobody answered", "Still open.")
        self._topic("topic_sil", who.SIL, open_, "Written before", "Before I was silenced.")
        self._reply("deleted", who.BEA, topic, self.secret("CanaryDeletedBody", who.BEA, *who.MODERATE))
        self.posts.delete(self.actor(who.BEA), self.ids["deleted"])
        title = self.secret("CanarySecretTitle", *who.STAFF)
        file = storage.save_image(self.actor(who.STAN), picture(), name="p.png")
        body = f"{self.secret('CanarySecretBody', *who.STAFF)} ![p]({file['url']})"
        hidden = self._topic("topic_secret", who.STAN, secret, title, body, ["canarysecrettag", "brakes"])
        self.secret("canarysecrettag", *who.STAFF)
        self._reply("reply_secret", who.ROOT, hidden, self.secret("CanarySecretReply", *who.STAFF))
        self.ids["file_secret"] = file["url"].rpartition("/")[2]
        self.ids["version"] = "0"
        self.topics.accept(self.actor(who.ADA), self.ids["reply_sil"], True)

    def _category(self, key: str, name: str, grants: dict[str, str]) -> Any:
        node = self.categories.create(SYSTEM, {"name": name, "parent": ""})
        self.categories.set_grants(SYSTEM, node.uid, grants)
        self.ids[f"cat_{key}"] = node.uid
        return node

    def _topic(self, key: str, author: str, node: Any, title: str, text: str, tags: Any = ()) -> Any:
        topic = self.topics.open_topic(self.actor(author), node.uid, title=title, source=text, tag_names=tags)
        self.ids[key] = topic.uid
        self.ids[f"{key}_first"] = module("services.refs").post_by_id(topic.first_post_id).uid
        return topic

    def _reply(self, key: str, author: str, topic: Any, text: str) -> None:
        self.ids[key] = self.posts.reply(self.actor(author), topic.uid, source=text).uid

    def _moderation(self) -> None:
        ada, mo, kind = self.actor(who.ADA), self.actor(who.MO), "forums.post"
        text = self.secret("CanaryHeldBody", who.BEA, *who.REVIEW)
        held = self.posts.reply(self.actor(who.BEA), self.ids["topic"], source=text).uid
        self.ids["held"] = held
        flags.flag(ada, kind, held, "spam", self.secret("CanaryFlagText", *who.REVIEW))
        statement = self.secret("CanaryStatement", who.BEA, *who.REVIEW)
        self.ids["decision"] = (
            decisions.decide(mo, self._item(held), "hide", reason="spam", statement=statement) or ""
        )
        flags.flag(ada, kind, self.ids["reply_bea"], "spam")
        self.ids["item"] = self._item(self.ids["reply_bea"])
        flags.flag(self.actor(who.STAN), kind, self.ids["reply_secret"], "spam")
        self.ids["item_secret"] = self._item(self.ids["reply_secret"])
        second = self.posts.reply(self.actor(who.BEA), self.ids["topic_own"], source="CanaryAppealedBody").uid
        self.secret("CanaryAppealedBody", who.BEA, *who.REVIEW)
        flags.flag(ada, kind, second, "spam")
        appealed = decisions.decide(mo, self._item(second), "hide", reason="spam") or ""
        from ecrm_server.moderation import appeals

        appeals.appeal(self.actor(who.BEA), appealed, self.secret("CanaryAppeal", who.BEA, *who.REVIEW))
        self.ids["item_appeal"] = self._item(second)

    def _item(self, post: str) -> str:
        found = Prepared("SELECT uid FROM review_item WHERE obj_uid = ? AND state = 'open'").value(post)
        assert queue.get(SYSTEM, found)["state"] == "open"
        return str(found)

    def _private(self) -> None:
        ada, account = self.actor(who.ADA), self.accounts[who.ADA]
        title = self.secret("CanaryNotice", who.ADA, *who.ADMIN)
        notify([account.id], "notices.security", title=title, url="/me/security")
        self.ids["notice"] = Prepared("SELECT uid FROM notice WHERE account_id = ?").value(account.id)
        drafts = module("services.drafts")
        text = self.secret("CanaryDraft", who.ADA)
        drafts.save(ada, f"reply:{self.ids['topic']}", title="", text=text)
        file = storage.save_image(ada, picture("blue"), name="own.png")
        self.ids["file_own"] = file["url"].rpartition("/")[2]
        public = storage.save_image(ada, picture("green"), name="a.png", attach_kind=PUBLIC, attach_uid="x")
        self.ids["file_public"] = public["url"].rpartition("/")[2]
        archive = new_key("zip")
        storage.store().put(archive, self.secret("CanaryExport", who.ADA).encode())
        now = clock.now()
        ready = DataRequest.create(
            kind="export", account_id=account.id, asked_by=account.id, state="ready", file=archive, at=now,
            finished_at=now, expires_at=now + clock.DAY,
        )  # fmt: skip
        failed = DataRequest.create(
            kind="export", account_id=account.id, asked_by=account.id, state="failed", at=now, finished_at=now,
            error=self.secret("CanaryRequestError", *who.ADMIN),
        )  # fmt: skip
        self.ids |= {"export": ready.uid, "request": failed.uid}
        title = self.secret("CanaryKeyName", who.ADA)
        scopes = [name for name in sorted(ada.permissions) if name.startswith("forums.")]
        self.key = apikeys.create(ada, title, scopes)
        self.bare = apikeys.create(ada, "bare", ["forums.vote"])
        self.ids["key"] = ApiKey.get(ApiKey.name == title).uid
        limits = sessions.Limits(idle=clock.DAY, absolute=clock.DAY)
        sessions.open_for(account.id, {}, limits, agent=self.secret("CanaryAgent", who.ADA, *who.MANAGERS))
        self.ids["session"] = Prepared("SELECT uid FROM session WHERE agent = ?").value("CanaryAgent")
        job = self.secret("CanaryJobMessage", who.ADA, *who.ADMIN)
        for key, owner, phase in (("job", account.id, "failed"), ("job_queued", None, "queued")):
            row = Job.create(
                kind="forums.recount", part="forums", state=phase, created_by=owner, created_at=now,
                run_at=now + clock.DAY, message=job, arguments={}, error=self.secret("CanaryJobError", *who.ADMIN),
            )  # fmt: skip
            self.ids[key] = row.uid

    def _administration(self) -> None:
        text = self.secret("CanaryMail", *who.ADMIN)
        self.ids["mail"] = mail.send("x@example.org", "A mail", text, html=f"<p>{text}</p>", kind="test")
        self.ids["staff_group"] = groups.create_group(SYSTEM, "Office")
        groups.change_group(SYSTEM, self.ids["staff_group"], "Office", "", ["staff"])
        self.ids["group"] = groups.create_group(SYSTEM, self.secret("CanaryGroup", *who.MANAGERS, *who.STAFF))
        groups.add_member(SYSTEM, self.ids["group"], self.accounts[who.SIL].id)
        access.create_role(SYSTEM, "clerk", self.secret("CanaryRole", *who.MANAGERS))
        email = self.secret("canary-invited@example.org", *who.STAFF)
        self.ids["invitation_token"] = invitations.invite(SYSTEM, email, ())
        self.canaries[email] |= who.ALL  # who has the link sees whose it is
        self.ids["invitation"] = Prepared("SELECT uid FROM invitation").value()
        self.ids["claim"] = claim.make_claim_link(self.site.config).rpartition("/")[2]
        self.ids["unsubscribe"] = unsubscribe.url(self.ids[who.ADA], "forums.reply").rpartition("/")[2]
        Prepared(
            "INSERT INTO event_delivery (event_id, subscriber, state, attempts, error, at, next_at)"
            " SELECT MAX(id), 'forums:tell_watchers', 'dead', 9, ?, ?, ? FROM event"
        ).run(self.secret("CanaryDeadLetter", *who.ADMIN), clock.now(), clock.now())
        self.ids["event"] = str(Prepared("SELECT MAX(id) FROM event").value())
        self.site.dispatcher.refresh(wait=True)

    def _lists(self) -> None:
        now, none = clock.now(), {"q": "CanaryViewState"}
        self.secret("CanaryViewState", who.ROOT)
        for key, owner in (("list_view", who.ROOT), ("list_view_other", who.STAN)):
            self.ids[key] = stored.create(
                self.actor(owner), "audit.entries", f"View of {owner}", none, "nobody"
            )
        done = ListBulk.create(
            list="audit.entries", action="delete", account_id=self.accounts[who.STAN].id, rows={"uids": []}, top_id=0,
            state="done", done=1, finished_at=now,
        )  # fmt: skip
        self.ids["list_bulk"] = done.uid

    def _exchange(self, staff: Actor, uid: str) -> None:
        """A mail to a customer, and the answer to it."""
        wanted = activities.Wanted(kind="mail", subject="Hello", text=self.secret("CanaryMail", *who.STAFF))
        sent = activities.log(staff, CUSTOMER, uid, wanted)
        row = answers.answered([str(Prepared("SELECT mail FROM activity WHERE uid = ?").value(sent))])
        assert row is not None
        with transaction():
            self.ids["received"] = answers.take(
                row,
                Letter(
                    key="k", message_id="<canary@cust.example>", quotes=(), nature="answer", reason="", subject="Re",
                    name=self.secret("CanarySender", *who.STAFF), address=self.secret("canary@x.example", *who.STAFF),
                    at=clock.now(), text="x", html=f"<p>{self.secret('CanaryAnswer', *who.STAFF)}</p>",
                    quoted=self.secret("CanaryQuoted", *who.STAFF), files=(self.secret("CanaryFile.pdf", *who.STAFF),),
                    cut=False,
                ),
            )  # fmt: skip

    def _customers(self) -> None:
        """What hangs on customers and organisations."""
        staff, uid, firm = self.actor(who.STAN), self.ids["customer"], self.ids["org_a"]
        note = activities.Wanted(kind="note", text=self.secret("CanaryNote", *who.STAFF))
        self.ids["activity"] = activities.log(staff, CUSTOMER, uid, note)
        self._exchange(staff, uid)
        further = self.secret("canary-further@cust.example", *who.STAFF)
        self.ids["point"] = contacts.add_point(staff, CUSTOMER, uid, kind="email", value=further)
        self.ids["address"] = contacts.add_address(
            staff, CUSTOMER, uid, street=self.secret("CanaryStreet 1", *who.STAFF)
        )
        gone = contacts.add_point(
            staff, CUSTOMER, uid, kind="email", value=self.secret("canary-removed@cust.example", *who.STAFF)
        )
        self.ids["removed"] = contacts.remove_point(staff, CUSTOMER, uid, gone)
        self.ids["plan"] = plans.create(
            staff, firm, plans.Wanted(title=self.secret("CanaryPlan", *who.STAFF))
        )
        self.ids["step"] = plans.add_step(staff, firm, self.ids["plan"], title="Visit")
        fields.add(SYSTEM, CUSTOMER, fields.Wanted(title="Canary", kind="text"))
        self.site.dispatcher.refresh(wait=True)
        twins = [customers.create(staff, "CanaryTwin", email="twin@cust.example") for _ in range(4)]
        self.secret("CanaryTwin", *who.STAFF)
        self.ids["merge"] = merging.merge(staff, CUSTOMER, twins[0], twins[1])
        for twin in twins[2:]:
            duplicates.look_at(CUSTOMER, twin)
        self.ids["pair"] = duplicates.listed(staff, CUSTOMER)[0]["uid"]
        firms = [organisations.create(staff, name) for name in ("CanaryFirm", "CanaryFirm", "CanaryFirm Ltd")]
        self.secret("CanaryFirm", *who.STAFF)
        self.ids["firm_merge"] = merging.merge(staff, ORGANISATION, firms[0], firms[1])
        duplicates.look_at(ORGANISATION, firms[2])
        self.ids["firm_pair"] = duplicates.listed(staff, ORGANISATION)[0]["uid"]

    def _sign_in(self) -> None:
        Account.update(silenced_until=clock.now() + clock.DAY).where(
            Account.id == self.accounts[who.SIL].id
        ).execute()
        for key, account in self.accounts.items():
            self.cookies[key] = session_key(account)
        # As if the suspension had come between two requests: its session is still there.
        Account.update(suspended_until=clock.now() + clock.DAY).where(
            Account.id == self.accounts[who.SUS].id
        ).execute()

    def close_forums(self) -> None:
        """Let only signed-in people read the forums, until ``restore``."""
        with database.connection_context():
            everyone = Prepared("SELECT id FROM role WHERE name = 'everyone'").value()
            sql = "INSERT INTO role_permission (role_id, permission, allowed) VALUES (?, 'forums.read', ?)"
            Prepared(sql).run(everyone, False)
            state.bump()
            self.site.dispatcher.refresh(wait=True)
        self.watch.mark()

    def restore(self) -> None:
        """Bring the database back to how it was built, and forget what the process kept of the other one.

        Only where it is watched: on SQLite.
        """
        if self.watch is None:
            return
        self.watch.restore()
        for path, content in self._kept_files.items():
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        module("services.memory")._kept.clear()
        self.site.dispatcher._pages.clear()
        with database.connection_context():
            self.site.dispatcher.refresh(wait=True)

    def close(self) -> None:
        if self.watch is not None:
            self.watch.close()


def deliver() -> None:
    """Deliver every event that waits."""
    while deliver_pending():
        pass
