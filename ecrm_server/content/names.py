"""Names in the forms that are compared and shown in addresses."""

from __future__ import annotations

import re
import unicodedata

MAX_SLUG = 80
_NO_WORD = re.compile(r"[^\w]+")


def name_key(text: str) -> str:
    """The form in which user names and e-mail addresses are compared: NFKC, casefolded, without outer space.

    Invisible format characters go and inner white space is folded, so that names that look the same are the
    same. The Turkish dotted capital I stays different from i.
    """
    if text.isascii():  # most are, and for these all below comes to this
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKC", text).casefold()
    visible = "".join(letter for letter in folded if unicodedata.category(letter) != "Cf")
    # Casefolding can undo the normal form (U+0345, for one); one more pass makes the key its own key.
    return " ".join(unicodedata.normalize("NFKC", visible).casefold().split())


def email_key(address: str) -> str:
    """The key of an e-mail address; two addresses with one key are one account's.

    Raises ValueError with a sentence for the form if the text is no single address.
    """
    key = name_key(address)
    local, at, domain = key.rpartition("@")
    if not at or not local or "@" in local or not re.fullmatch(r"[^\s@.,;<>\"]+(\.[^\s@.,;<>\"]+)*", domain):
        raise ValueError("This is no e-mail address. It should look like name@example.org.")
    if re.search(r"[\s,;<>()\[\]\\\"\x00-\x1f]", local) or len(key) > 254:
        raise ValueError("This is no e-mail address. It should look like name@example.org.")
    return key


def slugify(title: str, *, fallback: str = "topic", max_length: int = MAX_SLUG) -> str:
    """A title as a part of an address: words of any script in lower case, joined by hyphens.

    Cut between words at `max_length` characters; `fallback` if nothing is left.
    """
    folded = unicodedata.normalize("NFKC", title).lower()
    slug = unicodedata.normalize("NFC", _NO_WORD.sub("-", folded).replace("_", "-").strip("-"))
    if len(slug) > max_length:
        head = slug[: max_length + 1]
        cut = head.rfind("-")
        slug = head[:cut] if cut > max_length // 2 else slug[:max_length]
    return re.sub(r"-{2,}", "-", slug).strip("-") or fallback
