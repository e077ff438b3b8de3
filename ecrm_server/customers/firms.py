"""What tells firms apart: the name without its legal form, the domain they are reached at, the number of a register.

All of these are forms for comparing, made from keys (``name_key``); people never see them.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


_FORMS = _words(
    "ag gmbh ggmbh mbh kg kgaa ohg gbr ug ev eg eingetragener verein haftungsbeschränkt ltd limited inc incorporated",
    "llc llp lp plc corp corporation co company pty pte pvt sa sas sasu sarl eurl snc sci cie compagnie scrl sprl se",
    "sl slu sau scp lda ltda eireli spa srl srls sapa bv nv cv vof ab as asa aps oy oyj hf ehf ou uab sia",
    "sro spol vos doo dd ad ood eood kft zrt nyrt bt spzoo spj spk oao ooo zao pao ооо оао зао пао ао ип aş şti ae epe",
    "kk gk sdn bhd tbk",
)
"""Words that end a firm's name without naming it, as keys without full stops."""
_PHRASES = ("sp z oo", "spolka z oo", "sa de cv", "s de rl de cv", "s de rl", "spol s ro")
_LEADING = _words("firma ooo oao zao pao ооо оао зао пао ао ип uab sia pt cv")
_JOINING = _words("& + and und et y e och og en i")
_EAST_ASIAN = re.compile("株式会社|有限会社|合同会社|股份有限公司|有限公司|주식회사|\\([株有]\\)")
_PUNCTUATION = re.compile(r"[/.\"'’“”„()]+")
_LONE_LETTERS = re.compile(r"(?<= )\w(?: \w)+$")

_SHARED = _words(
    # Mail for everybody
    "gmail.com googlemail.com outlook.com hotmail.com hotmail.co.uk hotmail.fr hotmail.de live.com msn.com yahoo.com",
    "yahoo.co.uk yahoo.fr yahoo.de ymail.com icloud.com me.com mac.com aol.com proton.me protonmail.com",
    "gmx.com gmx.net gmx.de gmx.at gmx.ch web.de t-online.de freenet.de posteo.de mailbox.org orange.fr",
    "wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it tiscali.it mail.ru yandex.ru yandex.com",
    "bk.ru inbox.ru wp.pl o2.pl onet.pl seznam.cz qq.com 163.com 126.com naver.com btinternet.com comcast.net",
    "verizon.net att.net bluewin.ch telenet.be ziggo.nl",
    # Pages for everybody
    "facebook.com instagram.com linkedin.com x.com twitter.com youtube.com sites.google.com github.io wordpress.com",
    "wixsite.com blogspot.com etsy.com ebay.com ebay.de linktr.ee",
)
"""Domains that many share who have nothing to do with each other."""


def bare_name(key: str) -> str:
    """The key of a name without its legal form: ``cogs`` of ``cogs gmbh & co. kg``; a name that is nothing else stays.

    A form stands at the end, in some countries at the beginning; what joins two of them goes with them.
    """
    plain = " ".join(_PUNCTUATION.sub("", _EAST_ASIAN.sub(" ", key).replace(",", " ")).split())
    words = _LONE_LETTERS.sub(lambda found: found[0].replace(" ", ""), plain).split()
    while words:
        text = " ".join(words)
        phrase = next((item for item in _PHRASES if text.endswith(f" {item}")), "")
        if phrase:
            words = words[: -len(phrase.split())]
        elif len(words) > 1 and (words[-1] in _FORMS or words[-1] in _JOINING):
            words.pop()
        elif len(words) > 1 and words[0] in _LEADING:
            words.pop(0)
        else:
            return text
    return key


def domain(website: str) -> str | None:
    """The host of a web address without ``www``; None where it says nothing about whose it is."""
    return _telling((urlsplit(website).hostname or "").removeprefix("www."))


def mail_domain(key: str) -> str | None:
    """The domain of an e-mail address's key; None where everybody may have one."""
    return _telling(key.rpartition("@")[2])


def _telling(host: str) -> str | None:
    return host if "." in host and host not in _SHARED else None


def register_key(key: str) -> str:
    """A tax or registration number as it is compared: its letters and digits alone."""
    return re.sub(r"[\W_]+", "", key)
