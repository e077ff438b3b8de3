"""Choices whose titles are looked up when they are shown: countries in the reader's language, names of people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from babel import Locale, UnknownLocaleError
from flask_babel import get_locale

from ecrm_server import clock
from ecrm_server.content.countries import COUNTRIES
from ecrm_server.kernel import current

_KEEP = 10 * clock.SECOND


class Countries(Mapping[str, str]):
    """Code -> name in the language of the request, or the code outside of one."""

    def __getitem__(self, code: str) -> str:
        if code not in COUNTRIES:
            raise KeyError(code)
        locale = get_locale()
        return str(locale.territories.get(code, code)) if locale is not None else code

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(COUNTRIES, key=self.__getitem__))

    def __len__(self) -> int:
        return len(COUNTRIES)


class Named(Mapping[str, str]):
    """Public id -> name of rows that come and go. Every id is taken, so that a rule outlives whom it names."""

    def __init__(self, listed: Callable[[], list[tuple[str, str]]]) -> None:
        self._listed = listed
        self._known: dict[str, str] = {}
        self._state: tuple[object, int] = (None, 0)

    def _names(self) -> dict[str, str]:
        generation, read_at = self._state
        if generation is not current.generation() or abs(clock.now() - read_at) >= _KEEP:
            self._known, self._state = dict(self._listed()), (current.generation(), clock.now())
        return self._known

    def __getitem__(self, uid: str) -> str:
        return self._names().get(uid, uid)

    def __contains__(self, uid: object) -> bool:
        return isinstance(uid, str) and 0 < len(uid) <= 40 and uid.isprintable()

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names()) or 1


def language_name(code: str) -> str:
    """The name of a language in that of the request; its code where nobody knows it."""
    try:
        return str(Locale.parse(code, sep="-").get_display_name(get_locale() or "en"))
    except (UnknownLocaleError, ValueError):
        return code


COUNTRY_NAMES = Countries()
