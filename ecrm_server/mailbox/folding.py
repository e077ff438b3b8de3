"""Telling what somebody wrote from what the mail program repeated below it (or above)."""

from __future__ import annotations

import re

_RULE = re.compile(r"\s*[*_]*-{4,}\s*\S[^\n]{2,58}\S\s*-{4,}[*_]*\s*")
"""-----Original Message-----, in any language."""
_BAR = re.compile(r"\s*\\?(_\\?){12,}\s*")
_FROM = re.compile(
    r"\s*[*_]*(From|Von|De|Da|Van|Fra|Från|Od|От|Lähettäjä|Feladó|Kimden|发件人|寄件者|差出人|보낸 사람)\s?[:：]",
    re.I,
)
_HEADER = re.compile(r"\s*[*_]*[^\s:：>][^:：\n]{0,20}[:：]")
_WROTE = re.compile(r"\d|@|<")
_HEADERS_AFTER = 5
_LONGEST = 250
_LEAD = 3
"""Lines that "On Monday ... wrote:" may take."""


def unfolded(text: str) -> tuple[str, str]:
    """What was written, and what is quoted. When nothing would be left, all of it was written."""
    lines = text.strip("\n").split("\n")
    own, quoted = _parted(lines)
    written = "\n".join(own).strip()
    if not written:
        return text.strip(), ""
    return written, "\n".join(quoted).strip()


def _parted(lines: list[str]) -> tuple[list[str], list[str]]:
    for number, line in enumerate(lines):
        if _begins_history(lines, number, line):
            return lines[:number], lines[number:]
    marked = [number for number, line in enumerate(lines) if line.lstrip().startswith(">")]
    if not marked:
        return lines, []
    first, last = marked[0], marked[-1]
    if any(line.strip() for line in lines[last + 1 :]):
        return _answered_below(lines, first, last)
    # The last run of quoted lines: an answer between quotes keeps those before it.
    while last > first and (lines[last - 1].lstrip().startswith(">") or not lines[last - 1].strip()):
        last -= 1
    start = _with_lead(lines, last)
    return lines[:start], lines[start:]


def _answered_below(lines: list[str], first: int, last: int) -> tuple[list[str], list[str]]:
    """One quote at the top and the answer under it; anything else is a conversation, which stays as it is."""
    start = _with_lead(lines, first)
    whole = all(not line.strip() or line.lstrip().startswith(">") for line in lines[first : last + 1])
    if whole and not any(line.strip() for line in lines[:start]):
        return lines[last + 1 :], lines[: last + 1]
    return lines, []


def _begins_history(lines: list[str], number: int, line: str) -> bool:
    if len(line) > _LONGEST:  # the patterns are slow on very long lines
        return False
    if _RULE.fullmatch(line):
        return True
    following = [item for item in lines[number : number + _HEADERS_AFTER + 2] if item.strip()]
    if _BAR.fullmatch(line):
        following = following[1:]
    if not following or not _FROM.match(following[0]):
        return False
    named = [item for item in following[1:_HEADERS_AFTER] if _HEADER.match(item)]
    # Somebody may write "From: Leeds, To: Graz" too, but without an address.
    return len(named) >= 2 and any("@" in item for item in [following[0], *named])


def _with_lead(lines: list[str], start: int) -> int:
    """The line at which "On Monday ... wrote:" begins, where something like it stands before a quote."""
    end = start - 1
    while end >= 0 and not lines[end].strip():
        end -= 1
    if end < 0 or not lines[end].rstrip(" *_").endswith((":", "：")):
        return start
    begin = end
    while begin > 0 and end - begin < _LEAD - 1 and lines[begin - 1].strip() and _goes_on(lines[begin]):
        begin -= 1
    lead = " ".join(lines[begin : end + 1])
    return begin if len(lead) <= 300 and _WROTE.search(lead) else start


def _goes_on(line: str) -> bool:
    """Whether a line continues the one above it, as "wrote:" or "<ada@example.org> wrote:" does."""
    return line.lstrip().startswith("<") or not re.search(r"\d", line)
