"""The facts about customers and organisations that stand in their rows: what each may be, and in which columns it is.

One list serves forms, the REST API, lists, imports, rules and permissions, for own and for custom fields alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from ecrm_server.content.countries import country_code, language_code
from ecrm_server.content.names import email_key, name_key
from ecrm_server.customers import firms
from ecrm_server.customers.models import KINDS, STAGES
from ecrm_server.data import Prepared
from ecrm_server.rules import Kind

Reader = Callable[[Any], tuple[Any, ...]]
"""From a value as it was entered (never empty) to the values of the columns. Raises ValueError with a sentence."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Customers or organisations: name, table, and the column by which other tables point to it."""

    name: str
    title: str
    column: str
    url: str

    @property
    def table(self) -> str:
        return self.name


CUSTOMER = Subject("customer", "Customers", "customer_id", "/customers")
ORGANISATION = Subject("organisation", "Organisations", "organisation_id", "/organisations")
SUBJECTS = {subject.name: subject for subject in (CUSTOMER, ORGANISATION)}
AREAS = {subject.url[1:]: subject for subject in SUBJECTS.values()}
"""First part of an address -> subject."""
AREA = f"/<any({', '.join(AREAS)}):area>"
"""The rule for that part."""


def other_side(subject: Subject) -> Subject:
    """Of a membership: organisations for customers, customers for organisations."""
    return ORGANISATION if subject is CUSTOMER else CUSTOMER



@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact.

    name: as forms, files and programs call it. columns: in the subject's row; the first holds the value, one called as
    the first with ``_key`` behind it the form that texts are compared by; further ones help to find duplicates. A fact
    without columns stands in rows of its own: tags, several choices, and what an address says beyond city and country.
    kind: as rules know it. widget: of the form.
    choices: value -> title. main_address: whether it is part of the main postal address.
    required: a form cannot leave it empty. custom: whether an admin added it.
    """

    name: str
    title: str
    read: Reader
    columns: tuple[str, ...] = ()
    kind: Kind = "text"
    widget: str = "text"
    help: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""
    required: bool = False
    main_address: bool = False
    custom: bool = False
    indexed: bool = False
    field_id: int = 0

    def values(self, value: Any) -> tuple[Any, ...]:
        """The values of the columns (of one without: its value alone; of a set: its members).

        Raises ValueError with a sentence.
        """
        if value is None or value == [] or (isinstance(value, str) and not value.strip()):
            if self.required:
                raise ValueError(f"{self.title} is needed.")
            return () if self.kind == "set" else (None,) * max(len(self.columns), 1)
        return self.read(value)


def text(limit: int, *, keyed: bool = True) -> Reader:
    """A text of one line, with its key."""

    def read(value: Any) -> tuple[Any, ...]:
        line = " ".join(str(value).split())
        if len(line) > limit:
            raise ValueError(f"Use at most {limit} characters.")
        key = name_key(line)
        if not key:
            raise ValueError("This shows nothing.")
        return (line, key) if keyed else (line,)

    return read


def one_of(choices: Mapping[str, str]) -> Reader:
    """A code out of a list."""

    def read(value: Any) -> tuple[str]:
        if value not in choices:
            raise ValueError("Choose one of the list.")
        return (str(value),)

    return read


def email(value: Any) -> tuple[str, str]:
    """An e-mail address and its key."""
    address = str(value).strip()
    return address, email_key(address)


def phone(value: Any) -> tuple[str, str]:
    """A phone number as it was written, and its key: the last nine digits, which do not depend on how the country's
    prefix was written. The key is for finding people, not for dialling."""
    shown = name_key(str(value))
    digits = re.sub(r"\D", "", shown.partition("ext")[0])
    if (
        not 3 <= len(digits) <= 20
        or len(shown) > 60
        or not re.fullmatch(r"[\d\s()+./x#*,;-]*(ext[\s.:]*\d+)?", shown)
    ):
        raise ValueError("This is no phone number. Use digits, such as +49 30 1234567.")
    return shown, digits[-9:]


def day(value: Any) -> tuple[str]:
    """A day of the calendar."""
    try:
        return (date.fromisoformat(str(value).strip()).isoformat(),)
    except ValueError:
        raise ValueError("This is no date. Write it like 1980-03-31.") from None


def website(value: Any) -> tuple[str, str | None]:
    """An address of the web, with its scheme, and its domain."""
    address = str(value).strip()
    if "://" not in address:
        address = f"https://{address}"
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or "." not in parts.netloc or len(address) > 300:
        raise ValueError("This is no web address. It should look like www.example.org.")
    return address, firms.domain(address)


def firm_name(value: Any) -> tuple[str, str, str]:
    """A firm's name, its key, and that without the legal form."""
    name, key = text(160)(value)
    return name, key, firms.bare_name(key)


def firm_email(value: Any) -> tuple[str, str, str | None]:
    """An e-mail address, its key, and the domain."""
    address, key = email(value)
    return address, key, firms.mail_domain(key)


def tax_number(value: Any) -> tuple[str, str]:
    """A number of a tax office or register, as it was written and without what separates its parts."""
    number, key = text(40)(value)
    if not any(letter.isdigit() for letter in key):
        raise ValueError("This is no tax or registration number: it has no digit.")
    return number, firms.register_key(key)


_OWNER = Prepared("SELECT account_id FROM profile WHERE uid = ? AND account_id IS NOT NULL")
_TEAM = Prepared("SELECT id FROM account_group WHERE uid = ?")


def owner(value: Any) -> tuple[int]:
    """The account behind a profile's public id."""
    found = _OWNER.value(str(value))
    if found is None:
        raise ValueError("There is nobody with an account like this.")
    return (int(found),)


def team(value: Any) -> tuple[int]:
    """The key of a group with this public id."""
    found = _TEAM.value(str(value))
    if found is None:
        raise ValueError("There is no such group.")
    return (int(found),)


def country(value: Any) -> tuple[str]:
    """A country's code."""
    return (country_code(str(value)),)


def language(value: Any) -> tuple[str]:
    """A language's code."""
    return (language_code(str(value)),)


MAX_TAGS = 50


def tags(value: Any) -> tuple[str, ...]:
    """Tags as codes, in their order, each once. A text holds them between commas."""
    listed = value.split(",") if isinstance(value, str) else value
    found = tuple(sorted({key for item in listed if (key := name_key(str(item)))}))
    if len(found) > MAX_TAGS:
        raise ValueError(f"Use at most {MAX_TAGS} tags.")
    if any(len(tag) > 40 or "," in tag for tag in found):
        raise ValueError("A tag has at most 40 characters, and no comma.")
    return found


def some_of(choices: Mapping[str, str]) -> Reader:
    """Several codes out of a list. A text holds them between commas."""

    def read(value: Any) -> tuple[str, ...]:
        listed = [item.strip() for item in value.split(",")] if isinstance(value, str) else value
        if any(item not in choices for item in listed):
            raise ValueError("Choose from the list.")
        return tuple(sorted(set(listed)))

    return read


STAGE_NAMES = dict(zip(STAGES, ("Visitor", "Lead", "Customer", "Advocate", "Lapsed"), strict=True))
KIND_NAMES = dict(zip(KINDS, ("Customer", "Partner"), strict=True))

_NAME = Fact(name="name", title="Name", read=text(160), columns=("name", "name_key"), required=True)
_NUMBER = Fact(name="number", title="Number", read=text(60), columns=("number", "number_key"))
_EMAIL = Fact(name="email", title="E-mail", read=email, columns=("email", "email_key"), widget="email")
_PHONE = Fact(name="phone", title="Phone", read=phone, columns=("phone", "phone_key"), widget="tel")
_ADDRESS = (
    Fact(name="street", title="Street", read=text(300, keyed=False), main_address=True),
    Fact(name="postcode", title="Postcode", read=text(20, keyed=False), main_address=True),
    Fact(name="city", title="City", read=text(120), columns=("city", "city_key"), main_address=True),
    Fact(name="region", title="Region", read=text(120, keyed=False), main_address=True),
    Fact(
        name="country", title="Country", read=country, columns=("country",), kind="choice", widget="country",
        main_address=True,
    ),
)  # fmt: skip
_LANGUAGE = Fact(name="language", title="Language", read=language, columns=("language",), kind="choice")
_STAGE = Fact(
    name="stage", title="Stage", read=one_of(STAGE_NAMES), columns=("stage",), kind="choice", widget="select",
    choices=STAGE_NAMES, required=True,
)  # fmt: skip
_SOURCE = Fact(name="source", title="Source", read=text(60, keyed=False), columns=("source",), kind="choice")
_OWNED = Fact(
    name="owner", title="Looked after by", read=owner, columns=("owner_id",), kind="choice", widget="owner"
)
_OF_TEAM = Fact(name="team", title="Team", read=team, columns=("team_id",), kind="choice", widget="team")
_TAGS = Fact(name="tags", title="Tags", read=tags, kind="set", widget="tags", help="Separated by commas.")

OWN: Mapping[str, tuple[Fact, ...]] = {
    "customer": (
        _NAME, _NUMBER, _STAGE, _EMAIL, _PHONE, *_ADDRESS,
        Fact(name="birthday", title="Birthday", read=day, columns=("birthday",), kind="date", widget="date"),
        _LANGUAGE, _SOURCE, _OWNED, _OF_TEAM, _TAGS,
    ),
    "organisation": (
        replace(_NAME, read=firm_name, columns=(*_NAME.columns, "bare_key")),
        Fact(
            name="kind", title="Kind", read=one_of(KIND_NAMES), columns=("kind",), kind="choice", widget="select",
            choices=KIND_NAMES, required=True,
        ),
        _NUMBER,
        Fact(
            name="tax_number", title="Tax or registration number", read=tax_number,
            columns=("tax_number", "tax_number_key"),
        ),
        _STAGE, replace(_EMAIL, read=firm_email, columns=(*_EMAIL.columns, "mail_domain_key")), _PHONE,
        Fact(name="website", title="Website", read=website, columns=("website", "domain_key"), widget="url"),
        *_ADDRESS, _LANGUAGE, _SOURCE, _OWNED, _OF_TEAM, _TAGS,
    ),
}  # fmt: skip
"""The facts that every site has, in the order of forms."""
