"""The link at the end of a mail: signed, for one person and one kind, working without signing in."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeSerializer

from ecrm_server.data import Prepared
from ecrm_server.errors import NotFound
from ecrm_server.kernel import current
from ecrm_server.notices import preferences
from ecrm_server.notices.kind import NoticeKind

_SALT = "notices.unsubscribe"
_ACCOUNT = Prepared("SELECT account_id FROM profile WHERE uid = ? AND account_id IS NOT NULL")


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current.generation().config.secret_key, salt=_SALT)


def url(profile_uid: str, kind: str) -> str:
    """The absolute address that unsubscribes a person from mail of one kind."""
    return f"{current.generation().config.base_url}/unsubscribe/{_signer().dumps([profile_uid, kind])}"


def read(token: str) -> tuple[int, NoticeKind]:
    """Account and kind of a token. Raises NotFound when it was not made here, or the kind is gone."""
    try:
        profile_uid, name = _signer().loads(token)
    except (BadSignature, ValueError, TypeError) as error:
        raise NotFound("This link is not complete. Copy it from the mail once more.") from error
    account_id = _ACCOUNT.value(profile_uid)
    kind = current.generation().registry.notice_kinds.get(name)
    if account_id is None or kind is None:
        raise NotFound("There is nothing to unsubscribe from any more.")
    return int(account_id), kind


def unsubscribe(token: str) -> NoticeKind:
    """Switch off mail of the token's kind for its person; doing it twice changes nothing. Returns the kind."""
    account_id, kind = read(token)
    preferences.decide(account_id, kind.name, preferences.MAIL, False)
    return kind
