"""Forms of customers and organisations, drawn from their facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import format_currency, format_date, format_datetime, format_decimal, get_locale, gettext
from werkzeug.datastructures import MultiDict

from ecrm_server import clock
from ecrm_server.access import Actor
from ecrm_server.content.countries import COUNTRIES
from ecrm_server.customers import people, rows, visibility
from ecrm_server.customers.contested import WAS
from ecrm_server.customers.custom import all_facts
from ecrm_server.customers.facts import Fact, Subject
from ecrm_server.customers.words import COUNTRY_NAMES, language_name
from ecrm_server.errors import Refusal
from ecrm_server.web.forms import IGNORED

GROUPS = (
    ("Who", ("name", "kind", "number", "tax_number", "stage", "birthday", "language")),
    ("Reached by", ("email", "phone", "website", "street", "postcode", "city", "region", "country")),
    ("With us", ("owner", "team", "source", "tags")),
)
"""The parts of the form; custom fields make a fourth."""
FURTHER = "Further"


def submitted(subject: Subject, form: MultiDict[str, str]) -> dict[str, Any]:
    """The facts of a submitted form, and its ``version``. Raises Refusal for a field that does not exist."""
    known = all_facts(subject.name)
    values: dict[str, Any] = {}
    for name in form:
        if name in IGNORED or name.startswith(WAS):
            continue
        if name == "version":
            values[name] = int(form[name]) if form[name].isdecimal() and len(form[name]) < 10 else -1
        elif name not in known:
            raise Refusal("There is no such field.", field=name)
        elif known[name].widget == "choices":
            values[name] = [item for item in form.getlist(name) if item]
        else:
            values[name] = form[name].strip()
    return values


def drawn(
    actor: Actor, subject: Subject, row: Mapping[str, Any] | None, form: MultiDict[str, str]
) -> list[tuple[str, list[dict[str, Any]]]]:
    """(heading, fields as ``ui.field`` draws them, and ``was``) of the form for a row, or for a new one."""
    known = all_facts(subject.name)
    hidden, fixed = visibility.hidden(actor, subject), visibility.fixed(actor, subject)
    stored = values_of(subject, row) if row is not None else {"stage": "lead"}
    groups = [*GROUPS, (FURTHER, tuple(name for name, fact in known.items() if fact.custom))]
    found = []
    for title, names in groups:
        fields = [
            _field(actor, known[name], stored.get(name), form, fixed=name in fixed)
            for name in names
            if name in known and name not in hidden
        ]
        if fields:
            found.append((title, fields))
    return found


def values_of(subject: Subject, row: Mapping[str, Any]) -> dict[str, Any]:
    """Name -> value of a row that was read by ``reading``, with what stands in rows of its own."""
    return rows.values(subject, [row])[0]


def _field(actor: Actor, fact: Fact, value: Any, form: MultiDict[str, str], *, fixed: bool) -> dict[str, Any]:
    kind, options = _widget(actor, fact, value)
    shown = _shown(fact, value)
    if fact.name in form:
        shown = form.getlist(fact.name) if kind == "choices" else form[fact.name]
    return {
        "name": fact.name, "label": fact.title, "type": kind, "value": "" if shown is None else shown,
        "options": options, "required": fact.required, "help": fact.help, "custom": fact.custom, "fixed": fixed,
        "was": form.getlist(WAS + fact.name) if WAS + fact.name in form else _listed(fact, value),
    }  # fmt: skip


def in_fields(actor: Actor, subject: Subject, row: Mapping[str, Any]) -> dict[str, list[str]]:
    """Name -> the values as the form shows them, of each fact that the actor may change."""
    values, fixed = values_of(subject, row), visibility.fixed(actor, subject)
    known = all_facts(subject.name)
    return {name: _listed(fact, values.get(name)) for name, fact in known.items() if name not in fixed}


def _listed(fact: Fact, value: Any) -> list[str]:
    shown = _shown(fact, value)
    return [] if shown is None else [str(item) for item in (shown if isinstance(shown, list) else [shown])]


def _shown(fact: Fact, value: Any) -> Any:
    if value is None:
        return None
    written = _WRITTEN.get("tags" if fact.widget == "tags" else fact.kind)
    return written(value) if written is not None else value


_WRITTEN: Mapping[str, Callable[[Any], str]] = {
    "tags": ", ".join,
    "money": lambda value: f"{value / 100:.2f}",
    "boolean": lambda value: "yes" if value else "no",
    "time": lambda value: clock.to_datetime(value).strftime("%Y-%m-%dT%H:%M"),
    "number": lambda value: f"{value:g}",
}
_INPUTS = {
    "tags": "text", "integer": "number", "money": "text", "number": "text", "select": "select", "owner": "select",
    "team": "select", "country": "select", "yesno": "select",
}  # fmt: skip


def _widget(actor: Actor, fact: Fact, value: Any) -> tuple[str, list[tuple[str, str]]]:
    """The type of input, and the choices of a select."""
    kind = _INPUTS.get(fact.widget, fact.widget)
    if kind not in ("select", "choices"):
        return kind, []
    return kind, ([] if fact.required or kind == "choices" else [("", "")]) + _options(actor, fact, value)


def _options(actor: Actor, fact: Fact, value: Any) -> list[tuple[str, str]]:
    if fact.widget == "owner":
        return people.staff(actor, value)
    if fact.widget == "team":
        return people.teams()
    if fact.widget == "country":
        return countries()
    if fact.widget == "yesno":
        return [("yes", gettext("Yes")), ("no", gettext("No"))]
    if fact.custom:
        return list(fact.choices.items())
    return [(code, gettext(title)) for code, title in fact.choices.items()]


def countries() -> list[tuple[str, str]]:
    """(code, name) of every country in the visitor's language, by name."""
    locale = get_locale()
    names = locale.territories if locale is not None else {}
    return sorted(((code, str(names.get(code, code))) for code in COUNTRIES), key=lambda pair: pair[1])


def labels(groups: Iterable[tuple[str, list[dict[str, Any]]]]) -> dict[str, str]:
    """Field -> label, for the summary of errors."""
    return {field["name"]: field["label"] for _, fields in groups for field in fields}


def shown(
    actor: Actor, subject: Subject, row: Mapping[str, Any]
) -> tuple[list[tuple[str, str, str]], list[str]]:
    """(label, value, link) of each fact that is not empty, in the order of the form, and the tags."""
    values, found = values_of(subject, row), []
    for fact in all_facts(subject.name).values():
        value = values.get(fact.name)
        if value in (None, "", []) or fact.name in ("name", "stage", "kind", "tags"):
            continue
        label = fact.title if fact.custom else gettext(fact.title)
        found.append((label, _read_out(fact, row, value), _link(fact, value)))
    found.append((gettext("Added"), format_date(clock.to_datetime(row["created_at"]), "medium"), ""))
    return found, values.get("tags", [])


def _link(fact: Fact, value: Any) -> str:
    links = {"email": f"mailto:{value}", "phone": f"tel:{value}", "website": str(value)}
    return links.get(fact.name, "")


def _read_out(fact: Fact, row: Mapping[str, Any], value: Any) -> str:
    if fact.name in ("owner", "team"):
        return str(row[f"{fact.name}_name"])
    if fact.name == "language" and not fact.custom:
        return language_name(str(value))
    if fact.kind == "set":
        return ", ".join(fact.choices.get(item, item) for item in value)
    said = _SAID.get(fact.kind)
    if said is not None:
        return str(said(fact, value))
    return str((COUNTRY_NAMES if fact.name == "country" else fact.choices).get(value, value))


_SAID: Mapping[str, Callable[[Fact, Any], Any]] = {
    "money": lambda fact, value: format_currency(Decimal(value) / 100, fact.currency),
    "boolean": lambda fact, value: gettext("Yes") if value else gettext("No"),
    "date": lambda fact, value: format_date(date.fromisoformat(value), "medium"),
    "time": lambda fact, value: format_datetime(clock.to_datetime(value), "medium"),
    "number": lambda fact, value: format_decimal(value),
    "integer": lambda fact, value: format_decimal(value),
}


def read_out(actor: Actor, subject: Subject, row: Mapping[str, Any]) -> dict[str, str]:
    """Name -> value as a text, of each fact that is not empty."""
    known = all_facts(subject.name)
    return {
        name: ", ".join(value) if name == "tags" else _read_out(known[name], row, value)
        for name, value in values_of(subject, row).items()
        if name in known and value not in (None, "", [])
    }
