"""One secret key, a separate sub-key for every purpose.

The key is urlsafe base64 of 32 bytes (`Fernet.generate_key()`). Sub-keys are derived by HKDF-SHA256 with the purpose as
context, so that what encrypts links can never read what encrypts settings, and fingerprints reveal neither.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from segunda_via.errors import ConfigurationError, SecretKeyError, in_words_of_the_disk


class KeyRing:
    """Sub-keys of one secret key. Its repr shows nothing."""

    def __init__(self, secret_key: str) -> None:
        try:
            Fernet(secret_key)
            self._root = base64.urlsafe_b64decode(secret_key)
        except ValueError:
            raise SecretKeyError("a chave secreta deve ser base64 (urlsafe) de 32 bytes") from None

    def derive(self, purpose: str) -> bytes:
        """32 bytes for `purpose`."""
        return HKDF(SHA256(), length=32, salt=None, info=f"segunda-via/{purpose}".encode()).derive(self._root)

    def cipher(self, purpose: str) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self.derive(purpose)))

    def authenticated_cipher(self, purpose: str) -> AESGCM:
        """The faster one, for what is opened by the hundred. Whoever uses it draws a nonce of 12 bytes each time."""
        return AESGCM(self.derive(purpose))

    def box(self, purpose: str) -> Box:
        """What seals and opens JSON for `purpose`."""
        return Box(self.cipher(purpose))

    def fingerprint(self, purpose: str) -> Callable[[str], str]:
        """What turns a text into its fingerprint under that sub-key."""
        return partial(fingerprint, self.derive(purpose))


class Box:
    """JSON, sealed as a text. What another key sealed raises cryptography's InvalidToken when it is opened."""

    def __init__(self, cipher: Fernet) -> None:
        self._cipher = cipher

    def seal(self, value: object) -> str:
        return self._cipher.encrypt(json.dumps(value).encode()).decode()

    def open(self, sealed: str) -> Any:
        return json.loads(self._cipher.decrypt(sealed.encode()))


def fingerprint(key: bytes, text: str) -> str:
    """64 hexadecimal digits that find a text again, with that key, and do not give it away."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def load_or_create(path: Path) -> str:
    """The key kept in `path`, made at the first call (mode 600).

    Two processes may start together: the file is created whole under another name and linked into place, so one of them
    wins and both read the same key.
    """
    try:
        return _loaded_or_created(path)
    except OSError as error:
        raise ConfigurationError(
            f"{path} não pode ser lido nem escrito ({in_words_of_the_disk(error)}): dê ao assistente uma pasta em que "
            "possa escrever, ou a chave em SEGUNDA_VIA_SECRET_KEY"
        ) from None


def _loaded_or_created(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(Fernet.generate_key())
            os.link(draft, path)  # fails when the other process was first: O_EXCL, with the content already in it
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    key = path.read_text("ascii", "replace").strip()
    try:
        KeyRing(key)
    except SecretKeyError:
        raise SecretKeyError(
            f"{path} não contém uma chave secreta: restaure esse arquivo, ou apague-o e salve tudo de novo"
        ) from None
    return key
