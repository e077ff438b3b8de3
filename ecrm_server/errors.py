"""Errors with a meaning for the person who made the request.

Services raise these; the web, REST and command-line edges turn them into a page, a problem document
(RFC 9457) or one sentence on standard error.
"""

from __future__ import annotations


class EcrmError(Exception):
    """Base of everything the server raises on purpose."""

    status = 500

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Refusal(EcrmError):
    """A rule says no. ``message`` tells what, where and how to mend it; ``field`` names the input at fault."""

    status = 422

    def __init__(
        self, message: str, *, field: str | None = None, errors: dict[str, list[str]] | None = None
    ) -> None:
        super().__init__(message)
        self.field = field
        self.errors = errors or ({field: [message]} if field else {})


class Conflict(Refusal):
    """Somebody else changed the object meanwhile, or the name is taken."""

    status = 409


class UnfitValue(Refusal):
    """A value that no database column can hold: a number too large, a NUL byte, half of a surrogate pair."""

    def __init__(self) -> None:
        super().__init__("A value in this request cannot be stored or looked up.")


class NotFound(EcrmError):
    """The object does not exist, or this actor must not learn that it does."""

    status = 404

    def __init__(self, message: str = "There is nothing here.") -> None:
        super().__init__(message)


class Forbidden(EcrmError):
    """The actor may see the thing but not do this with it."""

    status = 403

    def __init__(self, message: str = "You may not do this.") -> None:
        super().__init__(message)


class ReadingOnly(Forbidden):
    """Something would have changed while somebody only looks, as another person."""

    def __init__(self, message: str = "You are looking at the site as somebody else. Nothing was changed.") -> None:
        super().__init__(message)


class TooManyRequests(EcrmError):
    """A rate limit was reached; ``retry_after`` is in seconds."""

    status = 429

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ConfigError(EcrmError):
    """A setting in ecrm.toml or the environment is unknown or wrong."""


class PluginError(EcrmError):
    """A plugin cannot be part of the generation; the message goes on its card in the admin."""
