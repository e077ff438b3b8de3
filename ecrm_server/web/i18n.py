"""Languages: English, two pseudo-locales for tests, and whatever translations core and plugins ship."""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import babel
import flask_babel
from flask import g, request
from markupsafe import Markup

from ecrm_server.web.templates import environment_of

if TYPE_CHECKING:
    from ecrm_server.access import Actor
    from ecrm_server.web.app import EcrmFlask

ACCENTED = "en_XA"
MIRRORED = "ar_XB"
_ACCENTS = str.maketrans(
    "aceilnorsuyzACEILNORSUYZ", "àçéîļñöŕšûýžÀÇÉÎĻÑÖŔŠÛÝŽ"
)


@dataclass(frozen=True, slots=True)
class Language:
    """The language of a page: ``code`` for ``lang`` (BCP 47), ``dir`` ltr or rtl, ``babel`` for formats."""

    code: str
    dir: str
    babel: str
    name: str


ENGLISH = Language("en", "ltr", "en", "English")
_PSEUDO = {
    ACCENTED: Language("en-XA", "ltr", "en", "Pseudo: accents"),
    MIRRORED: Language("ar-XB", "rtl", "ar", "Pseudo: right to left"),
}


class PseudoTranslations(gettext.NullTranslations):
    """Every message accented and longer by a third: what is not translatable stands out."""

    def gettext(self, message: str) -> str:
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return pseudo(msgid1 if n == 1 else msgid2)

    ugettext = gettext
    ungettext = ngettext


@cache
def pseudo(message: str) -> str:
    """A message as the pseudo-locales show it; placeholders stay."""
    out, inside = [], False
    for index, letter in enumerate(message):
        if letter == "%" and message[index + 1 : index + 2] == "(":
            inside = True
        out.append(letter if inside else letter.translate(_ACCENTS))
        if inside and letter in "sdf" and message[index - 1 : index] == ")":
            inside = False
    return f"[{''.join(out)}{'~' * (len(message) // 3)}]"


def enabled(app: EcrmFlask) -> dict[str, Language]:
    """The languages of a generation by code."""
    found: dict[str, Language] = app.extensions["ecrm_languages"]
    return found


def install(app: EcrmFlask) -> None:
    """Set up Flask-Babel for one generation."""
    languages = {"en": ENGLISH}
    folders = [str(part.folder / "translations") for part in app.generation.parts.values()]
    existing = [folder for folder in folders if _has_catalogs(folder)]
    for folder in existing:
        for code in _catalog_codes(folder):
            languages.setdefault(code, _language(code))
    if app.generation.config.pseudo_locales:
        languages.update(_PSEUDO)
    app.extensions["ecrm_languages"] = languages
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(existing) or "translations"
    flask_babel.Babel(app, locale_selector=lambda: current().babel, timezone_selector=_timezone)
    env = environment_of(app)
    env.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    if len(languages) == 1:  # then every text is the same for everybody
        env.foldable["_"] = _in_english
        env.edition += " en"


def _in_english(message: str, **values: object) -> Markup:
    return Markup(message) % values


def _gettext(message: str, **values: object) -> str:
    return message if current() is ENGLISH else translations().gettext(message)


def _ngettext(one: str, many: str, n: int, **values: object) -> str:
    if current() is ENGLISH:
        return one if n == 1 else many
    return translations().ngettext(one, many, n)


def translations() -> gettext.NullTranslations:
    """The catalogue of the request's language."""
    if current().code in ("en-XA", "ar-XB"):
        return PseudoTranslations()
    found: gettext.NullTranslations = flask_babel.get_translations()
    return found


def current() -> Language:
    """The language of this request: the person's, else the cookie's, else the browser's, else English."""
    known: Language | None = g.get("language")
    if known is None:
        known = g.language = _choose(g.get("actor"))
    return known


@contextmanager
def spoken_to(actor: Actor | None) -> Iterator[Language]:
    """In the block texts are in the language of an actor who is not that of the request."""
    before = current()
    g.language = _choose(actor)
    try:
        with flask_babel.force_locale(g.language.babel):
            yield g.language
    finally:
        g.language = before


def look() -> tuple[str, str]:
    """Language and time zone of this request: what texts and times on a page depend on."""
    known: tuple[str, str] | None = g.get("look")
    if known is None:
        known = g.look = (current().code, _timezone() or "")
    return known


def _choose(actor: Actor | None) -> Language:
    from ecrm_server.web.app import current_app

    languages = enabled(current_app())
    if len(languages) == 1:
        return ENGLISH
    wanted = (actor.locale if actor is not None else "") or request.cookies.get("locale", "")
    if wanted in languages:
        return languages[wanted]
    public = [code for code in languages if code not in _PSEUDO]
    best = request.accept_languages.best_match(public)
    return languages[best] if best else ENGLISH


def _timezone() -> str | None:
    actor = g.get("actor")
    return actor.timezone or None if actor is not None else None


def _language(code: str) -> Language:
    locale = babel.Locale.parse(code)
    return Language(code.replace("_", "-"), locale.text_direction, code, locale.get_display_name(code) or code)


def _has_catalogs(folder: str) -> bool:
    return bool(_catalog_codes(folder))


@cache
def _catalog_codes(folder: str) -> tuple[str, ...]:
    from pathlib import Path

    return tuple(sorted(path.parent.parent.name for path in Path(folder).glob("*/LC_MESSAGES/*.mo")))
