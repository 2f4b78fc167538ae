"""Passwords: argon2id with OWASP's lighter parameters (19 MiB), so that the action server stays small and quick."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from segunda_via.errors import ConfigurationError

SHORTEST, LONGEST = 10, 200

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_COMMON = ("senha", "password", "123456", "12345", "qwerty", "segundavia", "boleto", "admin")
_NOBODYS = _hasher.hash("a password that nobody has")


def checked(password: str, name: str) -> str:
    """`password`; ConfigurationError, one line in Portuguese, when it is no protection."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise ConfigurationError(f"a senha deve ter de {SHORTEST} a {LONGEST} caracteres")
    plain = "".join(character for character in password.lower() if character.isalnum())
    left = plain
    for word in (*_COMMON, "".join(c for c in name.lower() if c.isalnum())):
        left = left.replace(word, "") if word else left
    if len(set(password)) < 4 or len(left) < 4:
        raise ConfigurationError("essa senha é fácil de adivinhar: junte palavras que não combinam entre si")
    return password


def hashed(password: str) -> str:
    return _hasher.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Whether it is the password of that hash. Without a hash it takes as long, and is False."""
    try:
        return _hasher.verify(kept or _NOBODYS, password[: LONGEST + 1]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False
