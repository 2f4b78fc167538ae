"""The exception family of the library.

    SegundaViaError
    ├── ConfigurationError          a variable or a saved setting is malformed; its text is one line for the operator
    │   ├── NotConfigured           no gateway was chosen yet
    │   ├── SavedMeanwhile          somebody else saved the same setting since it was read
    │   └── ExamplesReadOnly        data/nlu cannot be written on this server
    ├── BackupError                 a backup cannot be made, or does not fit where it is to be restored
    ├── SecretKeyError              what is saved cannot be read with this SEGUNDA_VIA_SECRET_KEY
    ├── GatewayError                the gateway did not give what was asked
    │   ├── GatewayUnavailable      (retryable) refused, cut, timed out, 5xx, or the time budget was spent
    │   │   └── GatewayRateLimited  (retryable) 429; `retry_after` says how long, in seconds
    │   ├── TokenRejected           401 or 403: the operator has to act
    │   └── GatewayProtocolError    an answer that the adapter cannot read, naming the gateway and the field
    ├── MediaError
    │   ├── MediaRefused            a host, size or type that must not be served
    │   └── MediaUnavailable        (retryable) it could not be fetched
    ├── LinkError                   a media link that is forged, damaged or expired
    └── TicketDeskError             (retryable unless said otherwise) the desk did not take the event

Texts of these exceptions are for operators and logs. They never carry a document, a name, a token, a Pix code or a
linha digitável; customers read responses of the domain instead.
"""

from __future__ import annotations

import errno
from datetime import datetime


class SegundaViaError(Exception):
    """Root of the family. `retryable` says whether the same call may succeed later, unchanged."""

    retryable: bool = False


class ConfigurationError(SegundaViaError):
    """A variable or a saved setting cannot be used; the text is one line that says what it should hold."""


class NotConfigured(ConfigurationError):
    """No gateway has been chosen yet."""


class SavedMeanwhile(ConfigurationError):
    """Somebody else saved the same setting since it was read; `by` and `at` say who and when, where it is known."""

    def __init__(self, by: str | None, at: datetime | None) -> None:
        super().__init__("alguém salvou isto enquanto você editava: confira o que mudou e salve de novo")
        self.by = by
        self.at = at


class ExamplesReadOnly(ConfigurationError):
    """The examples cannot be written here; whoever wanted to keeps what was to be written."""


class BackupError(SegundaViaError):
    """A backup cannot be made or restored; the text is one line for the operator, and nothing was changed."""


class SecretKeyError(SegundaViaError):
    """What is saved was encrypted with another SEGUNDA_VIA_SECRET_KEY, or the key itself is malformed."""


class GatewayError(SegundaViaError):
    """A gateway did not give what was asked of it. `gateway` is its adapter's name."""

    def __init__(self, gateway: str, message: str) -> None:
        super().__init__(f"{gateway}: {message}")
        self.gateway = gateway


class GatewayUnavailable(GatewayError):
    """Refused, cut or timed out, a 5xx, or the time budget of the delivery was spent."""

    retryable = True


class GatewayRateLimited(GatewayUnavailable):
    """HTTP 429. `retry_after` is in seconds, None when the gateway did not say."""

    def __init__(self, gateway: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(gateway, message)
        self.retry_after = retry_after


class TokenRejected(GatewayError):
    """HTTP 401 or 403: wrong, revoked or restricted credentials. Only the operator can mend it."""


class GatewayProtocolError(GatewayError):
    """An answer that the adapter cannot read. `field` names what is missing or malformed, None for the whole body."""

    def __init__(self, gateway: str, message: str, field: str | None = None) -> None:
        super().__init__(gateway, message if field is None else f"{field}: {message}")
        self.field = field


class MediaError(SegundaViaError):
    """A PDF or an image cannot be served."""


class MediaRefused(MediaError):
    """Its host, size or type must not be served."""


class MediaUnavailable(MediaError):
    """It could not be fetched."""

    retryable = True


class LinkError(SegundaViaError):
    """A media link is forged, damaged or expired."""


class TicketDeskError(SegundaViaError):
    """The ticket desk did not take an event. `rejected`: it refuses the token or the password."""

    def __init__(self, message: str, *, retryable: bool = True, rejected: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.rejected = rejected


_OF_THE_DISK = {
    errno.ENOSPC: "o disco está cheio",
    errno.EDQUOT: "a cota do disco acabou",
    errno.EROFS: "o disco é só para leitura",
    errno.EACCES: "falta permissão",
    errno.EPERM: "falta permissão",
    errno.ENOENT: "a pasta não existe",
    errno.ENOTDIR: "o caminho não é uma pasta",
    errno.EEXIST: "o caminho não é uma pasta",
}


def in_words_of_the_disk(error: OSError) -> str:
    """What went wrong with a file, for operators.

    >>> in_words_of_the_disk(OSError(errno.ENOSPC, "No space left on device"))
    'o disco está cheio'
    """
    return _OF_THE_DISK.get(error.errno or 0) or error.strerror or type(error).__name__
