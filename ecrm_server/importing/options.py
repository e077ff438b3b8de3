"""What a person decides about an import: the mapping of columns to fields, the key, the mode, and how to read."""

from __future__ import annotations

import difflib
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from ecrm_server.errors import Refusal
from ecrm_server.importing.collecting import FIRST, HOWS, possible
from ecrm_server.importing.countries import fold
from ecrm_server.importing.csvrows import ENCODINGS, SEPARATORS
from ecrm_server.importing.kind import UID, Field, ImportKind
from ecrm_server.importing.notation import DATES, DECIMALS

MODES = ("both", "create", "update")
NO_KEY = ("fail", "leave out")
UNFIT = ("fail", "leave out", "add")
"""What becomes of a cell that does not fit its field: the row fails, the cell counts as empty, or, of a name that is
not known, something of this name is added."""
WHY = "Why it was not imported"
"""The header of the last column of an error file; it is passed over when the corrected file comes back."""
_ALIKE = 0.86
"""How alike a header and a name must be (1: the same) to be taken for each other."""
_UID_FIELD = Field(UID, "Id here")


@dataclass(frozen=True, slots=True)
class Options:
    """mapping: column -> field. key: the field that finds what is there already. mode: ``create`` skips what is there,
    ``update`` what is not. keep_good: import the good rows when others are bad. no_key: one of NO_KEY, of rows whose
    key is empty. together: rows that repeat a key are parts of one record. collect: column -> one of HOWS, how the
    record's value comes from its rows; the first one counts where nothing is said. unfit: column -> one of UNFIT."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    mode: str = "both"
    keep_good: bool = False
    no_key: str = "fail"
    together: bool = False
    collect: Mapping[str, str] = field(default_factory=dict)
    unfit: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "auto"
    separator: str = "auto"
    sheet: str = ""
    dates: str = "auto"
    decimals: str = "auto"
    zone: str = "UTC"

    def __post_init__(self) -> None:
        allowed: dict[str, Sequence[str]] = {
            "mode": MODES, "encoding": list(ENCODINGS), "separator": list(SEPARATORS), "dates": DATES,
            "decimals": DECIMALS, "no_key": NO_KEY,
        }  # fmt: skip
        for name, values in allowed.items():
            if getattr(self, name) not in values:
                raise Refusal(f"Choose one of {', '.join(values)}.", field=name)
        for name, values in (("collect", HOWS), ("unfit", UNFIT)):
            for column, chosen in getattr(self, name).items():
                if chosen not in values:
                    raise Refusal(f"{column[:80]}: choose one of {', '.join(values)}.", field="mapping")
        if self.zone not in zoneinfo.available_timezones():
            raise Refusal(f"There is no time zone '{self.zone[:40]}'.", field="zone")

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for storing."""
        return asdict(self)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Options:
        """What ``as_dict`` gave; unknown names are left out. Raises Refusal."""
        known = {item.name for item in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})


def propose(header: Sequence[str], offered: Sequence[Field]) -> dict[str, str]:
    """Column -> field for the columns that are called like a field, or nearly so; each field once."""
    own, names = _names(offered)
    mapping: dict[str, str] = {}
    for known in (own, names):
        for column in header:
            found = known.get(_key(column))
            if column not in mapping and found and found not in mapping.values():
                mapping[column] = found
    for column in header:
        near = difflib.get_close_matches(_key(column), names, 1, _ALIKE)
        if column not in mapping and column != WHY and near and names[near[0]] not in mapping.values():
            mapping[column] = names[near[0]]
    _part(mapping, offered)
    return {column: mapping[column] for column in header if column in mapping}


def _part(mapping: dict[str, str], offered: Sequence[Field]) -> None:
    """Where parts of a text and its whole are found: a last name is often called Name; of all parts, the whole goes."""
    for whole in {item.part_of for item in offered if item.part_of}:
        missing = [item.name for item in offered if item.part_of == whole and item.name not in mapping.values()]
        column = next((column for column, name in mapping.items() if name == whole), None)
        if not missing and column is not None:
            del mapping[column]
        elif len(missing) == 1 and column is not None:
            mapping[column] = missing[0]


def _names(offered: Sequence[Field]) -> tuple[dict[str, str], dict[str, str]]:
    """Folded name or title -> field, and the same with the aliases."""
    own: dict[str, str] = {}
    for item in (*offered, _UID_FIELD):
        own.setdefault(_key(item.name), item.name)
        own.setdefault(_key(item.title), item.name)
    aliases = {_key(alias): item.name for item in offered for alias in item.aliases}
    return own, aliases | own


def _key(text: str) -> str:
    return fold(text.replace("ß", "ss")).replace(" ", "")


def assignments(given: Sequence[str], option: str = "map", what: str = "FIELD") -> dict[str, str]:
    """``COLUMN=FIELD`` texts as a mapping; an empty field leaves the column out. Raises Refusal."""
    mapping: dict[str, str] = {}
    for text in given:
        column, equals, name = text.rpartition("=")
        if not equals or not column:
            raise Refusal(f"--{option} {text[:80]} must look like COLUMN={what}.")
        mapping[column.strip()] = name.strip()
    return mapping


def settled(options: Options, kind: ImportKind, offered: Sequence[Field], header: Sequence[str]) -> Options:
    """The options with a key, checked against the file's header. Raises Refusal with the field at fault."""
    titles = {item.name: item.title for item in (*offered, _UID_FIELD)}
    for column, name in options.mapping.items():
        if column not in header:
            raise Refusal(f"The file has no column '{column[:80]}'. It has {_listed(header)}.", field="mapping")
        if name not in titles:
            raise Refusal(f"There is no field '{name[:80]}'. There are {_listed(list(titles))}.", field="mapping")
        if list(options.mapping.values()).count(name) > 1:
            raise Refusal(f"Two columns are to fill {titles[name]}. Choose one.", field="mapping")
    if not options.mapping:
        raise Refusal(f"No column of the file is known: it has {_listed(header)}.", field="mapping")
    _check_parts(options, offered, titles)
    settled = replace(options, key=_key_of(options, kind, titles))
    _check_columns(settled, {item.name: item for item in (*offered, _UID_FIELD)})
    if options.mode != "update":
        for item in offered:
            if item.required and item.name not in options.mapping.values():
                raise Refusal(f"No column brings {item.title}, which a new object needs.", field="mapping")
    return settled


def _check_parts(options: Options, offered: Sequence[Field], titles: Mapping[str, str]) -> None:
    """Whether of each text that comes in parts all parts come, and not the whole too. Raises Refusal."""
    filled = set(options.mapping.values())
    for whole in {item.part_of for item in offered if item.part_of and item.name in filled}:
        parts = [item.name for item in offered if item.part_of == whole]
        named = " and ".join(titles[name] for name in parts)
        if whole in filled:
            raise Refusal(f"{named} make {titles[whole]}, which another column fills. Choose one.", field="mapping")
        if not filled.issuperset(parts):
            raise Refusal(f"{named} make {titles[whole]}: assign both, or {titles[whole]} alone.", field="mapping")


def _check_columns(options: Options, known: Mapping[str, Field]) -> None:
    """Whether what was chosen for columns makes sense for their fields. Raises Refusal."""
    for column, chosen in {**options.unfit, **options.collect}.items():
        name = options.mapping.get(column)
        if name is None:
            raise Refusal(f"{column[:80]} fills no field, so '{chosen}' means nothing there.", field="mapping")
    for column, name in options.mapping.items():
        unfit, how, item = options.unfit.get(column, "fail"), options.collect.get(column, FIRST), known[name]
        if unfit == "add" and not item.adds:
            raise Refusal(f"{column[:80]}: nothing new can be added as {item.title}.", field="mapping")
        if name == options.key and (unfit, how) != ("fail", FIRST):
            raise Refusal(f"{column[:80]} is the key: each row that has one must have a sound one.", field="mapping")
        if how not in possible(item):
            ways = ", ".join(possible(item))
            raise Refusal(f"{column[:80]}: '{how}' makes no {item.title}. Choose one of {ways}.", field="mapping")
    if options.collect and not options.together:
        raise Refusal("Only of rows that are taken together can values be collected.", field="together")


def _key_of(options: Options, kind: ImportKind, titles: Mapping[str, str]) -> str:
    """The field by which objects are found: the one chosen, else the kind's first that a column brings."""
    targets = set(options.mapping.values())
    possible = [name for name in (*kind.keys, UID) if name in targets]
    key = options.key or (possible[0] if possible else "")
    if key not in (*kind.keys, UID):
        keys = " or ".join(titles[name] for name in kind.keys)
        raise Refusal(f"Objects are found by {keys}: one of these must be the key, and a column.", field="key")
    if key not in targets:
        raise Refusal(f"No column is assigned to {titles[key]}, by which objects are found.", field="key")
    if key == UID and options.mode == "create":
        raise Refusal(f"{titles[UID]} cannot be given to a new object.", field="key")
    return key


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(name[:40] for name in names[:20])
    return f"{shown} and {len(names) - 20} more" if len(names) > 20 else shown
