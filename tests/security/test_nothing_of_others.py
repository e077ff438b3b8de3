"""No answer shows, names or counts a customer whom the reader may not see, wherever the server answers at all."""

from __future__ import annotations

import io
import itertools
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.routing import AnyConverter, IntegerConverter, Rule
from werkzeug.test import Client, TestResponse

from ecrm_server import clock
from ecrm_server.data import Prepared, database
from ecrm_server.identity.counters import ProcessStorage
from ecrm_server.identity.testing import actor_of
from ecrm_server.kernel import current
from ecrm_server.lists.bound import bind
from ecrm_server.rules import OPERATORS, Takes, words_for
from tests.security.built import opened
from tests.security.families import ANON, CLERK, DIGITS, FAR, MATE, NEAR, NEW, REP, SEES, Families
from tests.security.families import BORN as BIRTHDAYS

pytestmark = pytest.mark.timeout(600)

LIMITED = (ANON, "ada", "pam", REP, MATE)
"""Those who see some customers or none."""
_NOISE = re.compile(
    rb'name="csrf[_-]token"[^>]*|nonce-[\w-]+|nonce="[^"]*"|<dcterms:\w+ [^>]*>[^<]*|data-since="\d+"'
)
"""A live room tells that something happened on the other side of its object, and nothing more."""
ASKS_AGAIN = ("/me/password", "/me/api-keys")
"""Pages that ask for the password again after some minutes."""


@pytest.fixture(scope="module")
def families() -> Iterator[Families]:
    now = clock.now()
    with clock.frozen(lambda: now), opened() as site:
        yield Families(site)


class Reader:
    """Sends GET requests as somebody: with a browser, and programs with a key where there is one."""

    def __init__(self, families: Families, name: str) -> None:
        self.name, self._families, self._token = name, families, ""
        self._client = Client(families.site.dispatcher, use_cookies=False)

    def get(self, path: str) -> TestResponse:
        ProcessStorage._counts.clear()
        return self._client.get(path, base_url="http://localhost", headers=self._headers(path), buffered=True)

    def send(self, method: str, path: str, body: dict[str, Any]) -> TestResponse:
        """A change: of a program with JSON, else of a form with its token."""
        headers, sent = self._headers(path), {"json": body}
        if not path.startswith("/api/"):
            self._token = self._token or re.findall(r'csrf-token" content="([^"]+)', self.get("/me").text)[0]
            headers, sent = {**headers, "X-CSRFToken": self._token}, {"data": body}
        return self._client.open(path, method=method, base_url="http://localhost", headers=headers, **sent)

    def _headers(self, path: str) -> dict[str, str]:
        if path.startswith("/api/v1/") and self.name in self._families.keys:
            return {"Authorization": f"Bearer {self._families.keys[self.name]}"}
        session = self._families.sessions.get(self.name)
        return {"Cookie": f"ecrm_session={session}"} if session else {}


def shown(families: Families, name: str, path: str, answer: TestResponse) -> list[str]:
    """What an answer shows that the reader must not see. What was asked may be repeated."""
    text = (_unpacked(answer).decode("utf-8", "replace") + str(answer.headers)).lower()
    asked = path.lower()
    found = [word for word in re.findall(r"q(?:far|new|near|mine)[\w@.-]*", text) if word not in asked]
    hidden = [word for word in (FAR, NEW, NEAR, "qmine") if word not in SEES[name]]
    wrong = [word for word in found if word.startswith(tuple(hidden))]
    if name != "root":
        wrong += [word for word in found if word.endswith("secret")]
    for word in hidden:
        marks = [DIGITS[word], BIRTHDAYS[word], *families.ids.get(word, {}).values()]
        wrong += [mark for mark in marks if mark.lower() in text and mark.lower() not in asked]
    return sorted(set(wrong))


def paths(families: Families) -> Iterator[str]:
    """Every address that answers GET, with the public ids of objects that are kept from most, and of pages that tell of
    them."""
    for rule in current.generation().app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint != "web.static":
            yield from _filled(rule, families.ids[FAR], families.shared, families.ids["qmine"])


def _filled(
    rule: Rule, far: dict[str, str], shared: dict[str, str], own: dict[str, str] | None = None
) -> Iterator[str]:
    ids = [far[key] for key in ("person", "firm", "merged", "note", "plan", "pair", "merge", "firm_merge")]
    ids += [own[key] for key in ("person", "firm", "twin")] if own else []
    known: dict[str, list[Any]] = {
        "name": ["customers.customers", "customers.organisations"], "form": ["csv", "xlsx"], "subject": ["customer"],
        "kind": ["customer"], "column": ["name", "email", "x_note"], "part": ["customers"], "customer": [far["person"]],
        "other": [far["twin"]], "organisation": [far["firm"]], "uid": [*ids, *shared.values()],
        **{name: [far[name]] for name in ("plan", "step", "address", "pair")}, "activity": [far["note"]],
        "verb": ["delete", "remove", "main", "done"],
        **{name: [far["point"]] for name in ("point", "contact")}, "merge_uid": [far["merge"]],
    }  # fmt: skip
    for name, converter in rule._converters.items():
        if isinstance(converter, IntegerConverter):
            known[name] = [1]
        if isinstance(converter, AnyConverter):
            known[name] = sorted(converter.items)
    names = sorted(rule.arguments)
    for chosen in itertools.product(*(known.get(name, [far["person"]]) for name in names)):
        built = rule.build(dict(zip(names, chosen, strict=True)), append_unknown=False)
        assert built is not None
        yield built[1]


def searches() -> Iterator[str]:
    """Searches, and lists in every way they can be asked."""
    for word in ("qfa", "q", "555", "far", "qmi"):
        for path in (
            "/search", "/search/palette", "/customers", "/organisations", "/api/v1/customers/customers",
            "/api/v1/customers/organisations", "/forums/mentions",
        ):  # fmt: skip
            yield f"{path}?{urlencode({'q': word})}"
    yield "/segments/?archived=1"


def lists(reader: Reader, name: str) -> Iterator[str]:
    """A list filtered, sorted, grouped and exported by each column, as its reader may."""
    account = None if reader.name == ANON else reader._families.accounts[reader.name]
    with database.connection_context():
        bound = bind(name, actor_of(account))
        known = list(bound.traits)
        sortable = [key for key, column in bound.columns.items() if bound.may_sort(column)]
        grouping = [key for key, column in bound.columns.items() if column.group]
    columns = {"columns": ",".join(list(bound.columns)[:60])}
    states: list[dict[str, str]] = [columns, {"q": "qfa"}, {"add": known[0].name}]
    states += [{"sort": key} for key in sortable]
    states += [{"group": key, "layout": layout} for key in grouping for layout in ("table", "board")]
    for trait in known:
        some = [words_for(trait.kind)[0], "is empty", "is not empty"]
        states += [{"filter": json.dumps(_condition(trait.name, trait.kind, word))} for word in some]
    for state in states:
        yield f"{bound.kind.url}?{urlencode(state)}"
    for state in (columns, {"q": "qfa"}, *states[-1:]):
        yield f"/lists/{name}/export.csv?{urlencode(state)}"


def _condition(trait: str, kind: str, word: str) -> dict[str, Any]:
    """A condition that holds for a family, where it is easy to write one."""
    one: Any = {"integer": 7, "boolean": True, "date": BIRTHDAYS[FAR], "time": 0}.get(kind, "q")
    values = {
        Takes.ONE: one, Takes.MANY: [one], Takes.PAIR: [one, one], Takes.DAYS: 30, Takes.DAYS_PAIR: [1, 30],
    }  # fmt: skip
    takes = OPERATORS[word][0].takes
    return {"trait": trait, "op": word} | ({} if takes is Takes.NOTHING else {"value": values[takes]})


def hidden_doors(families: Families) -> Iterator[str]:
    """Live catch-up, refusals that name traits, and pages that are not there."""
    far = families.ids[FAR]
    rooms = [f"customers.customer:{far['person']}:0", f"customers.organisation:{far['firm']}:0"]
    rooms += [f"segments.segment:{uid}:0" for uid in families.shared.values()]
    yield f"/live?channels={','.join(rooms)}"
    secret = json.dumps({"trait": "customers.x_secret", "op": "contains", "value": "q"})
    yield f"/customers?{urlencode({'filter': secret})}"
    yield f"/lists/customers.customers/export.csv?{urlencode({'filter': secret})}"
    yield from (
        "/customers?sort=x_secret",
        "/customers?columns=x_secret",
        f"/customers/{far['person']}/nowhere",
    )


def every_path(families: Families, name: str) -> list[str]:
    """All of it, each once."""
    reader = Reader(families, name)
    found = [*paths(families), *searches(), *hidden_doors(families)]
    if name in (REP, MATE, CLERK):
        found += [*lists(reader, "customers.customers"), *lists(reader, "customers.organisations")]
    return list(dict.fromkeys(found))


def test_no_answer_shows_or_counts_what_is_kept_from_its_reader(families: Families) -> None:
    """Every page is asked for twice; in between somebody is added whom the reader may not see: nothing changes."""
    before: dict[str, dict[str, bytes]] = {}
    wrong: list[str] = []
    for name in (*LIMITED, CLERK):
        before[name] = {}
        for path in every_path(families, name):
            answer = Reader(families, name).get(path)
            assert answer.status_code < 500, path
            wrong += [f"{name}: {path} shows {word}" for word in shown(families, name, path, answer)]
            if answer.status_code == 200:
                before[name][path] = plain(answer)
        assert len(before[name]) > (120 if name in (REP, MATE, CLERK) else 20)
    families.hide_more()
    for name in LIMITED:
        for path, body in before[name].items():
            if path in ASKS_AGAIN:
                continue
            answer = Reader(families, name).get(path)
            wrong += [f"{name}: {path} shows {word}" for word in shown(families, name, path, answer)]
            wrong += [] if plain(answer) == body else [f"{name}: {path} tells that somebody was added"]
    assert not wrong, "\n".join(wrong)


def plain(answer: TestResponse) -> bytes:
    """An answer without what is another one each time: tokens, and when a workbook was written."""
    return _NOISE.sub(b"", _unpacked(answer))


def _unpacked(answer: TestResponse) -> bytes:
    """The text of an answer, that of a workbook too."""
    if answer.headers.get("Content-Type", "").endswith("spreadsheetml.sheet"):
        with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
            return b"".join(book.read(name) for name in book.namelist())
    return answer.data


def test_those_who_may_see_them_do(families: Families) -> None:
    text = Reader(families, REP).get("/customers").text + Reader(families, CLERK).get("/customers").text
    assert "qmine person" in text
    assert "qfar person" in text


def test_refusals_name_nobody_whom_one_does_not_see(families: Families) -> None:
    far, mine = families.ids[FAR], families.ids["qmine"]
    asked = [
        ("POST", "/customers", {"name": "X", "number": "qfar-number"}, 409),
        ("POST", "/organisations", {"name": "X", "number": "qfar-number"}, 409),
        ("PATCH", f"/customers/{mine['person']}", {"number": "qfar-number"}, 409),
        ("PATCH", f"/customers/{far['person']}", {"city": "X"}, 404),
        ("POST", f"/customers/{mine['person']}/merge", {"merged": far["person"]}, 404),
        ("POST", f"/customers/{far['person']}/activities", {"kind": "note", "text": "X"}, 404),
    ]  # fmt: skip
    for method, path, body, status in asked:
        answer = Reader(families, REP).send(method, f"/api/v1/customers{path}", body)
        assert answer.status_code == status, answer.text
        assert shown(families, REP, f"{path}{body}", answer) == []
    taken = Reader(families, CLERK).send(
        "POST", "/api/v1/customers/customers", {"name": "X", "number": "QFAR-number"}
    )
    assert taken.json is not None
    assert taken.json["detail"] == "qfar person has this number already."


NOT_DATA = re.compile(
    r"event(_delivery)?|audit_\w+|seal(_chain)?|job|session|api_key|rest_idempotent_answer|channel(_message)?"
)


def test_guessed_ids_change_nothing(families: Families) -> None:
    """Whoever changes what hangs on somebody whom one does not see is told that there is nothing."""
    before, wrong, asked, reader = kept(), list[str](), 0, Reader(families, REP)
    for rule in current.generation().app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}):
            if not {"uid", "customer", "other"} & rule.arguments or not rule.endpoint.startswith("customer"):
                continue
            for path in _filled(rule, families.ids[FAR], families.shared):
                answer = reader.send(method, path, BODIES.get(rule.endpoint.partition(".")[2], {}))
                asked += 1
                if answer.status_code not in (403, 404, 422):
                    wrong.append(f"{method} {path}: {answer.status_code}")
                wrong += [f"{method} {path} shows {word}" for word in shown(families, REP, path, answer)]
    assert not wrong, "\n".join(wrong)
    assert asked > 300
    assert kept() == before


BODIES: dict[str, dict[str, Any]] = {
    "change": {"name": "X", "title": "X"}, "save_activity": {"text": "X"}, "join": {"organisation": "Partner"},
    "save_contact": {"value": "x@x.example"}, "save_address": {"city": "Bonn"}, "create": {"title": "X"},
    "change_customer": {"city": "Bonn"}, "change_organisation": {"city": "Bonn"},
    "add_contact": {"kind": "email", "value": "x@x.example"}, "change_contact": {"value": "x@x.example"},
    "add_address": {"city": "Bonn"}, "change_address": {"city": "Bonn"}, "log": {"kind": "note", "text": "X"},
    "change_activity": {"pinned": True}, "make_plan": {"title": "X"}, "change_plan": {"title": "X"},
    "add_step": {"title": "X"}, "change_step": {"done": True}, "put_member": {"role": "admin"},
}  # fmt: skip
"""What would be taken, of those who may."""


def kept() -> dict[str, list[tuple[Any, ...]]]:
    """What stands in the tables that are no log."""
    with database.connection_context():
        names = [name for name in database.get_tables() if not NOT_DATA.fullmatch(name)]
        return {name: sorted(Prepared(f"SELECT * FROM {name}").tuples(), key=str) for name in names}
