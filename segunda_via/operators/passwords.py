"""Passwords: argon2id with OWASP's lighter parameters (19 MiB), so that the public server stays small and quick.

Whether one is easily guessed is zxcvbn's judgement: it knows the 30,000 most used passwords, names, keyboard walks,
dates and their combinations, and is told the names that a stranger would try here.
"""

from __future__ import annotations

from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from segunda_via.errors import ConfigurationError

SHORTEST, LONGEST = 10, 200
FEWEST_GUESSES = 10**8
"""Below that, who has the database finds a password within months, and everybody's first ideas are below that."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODYS = _hasher.hash("a password that nobody has")
_NEARBY = (
    *("segunda", "via", "boleto", "fatura", "cobrança", "pix", "operador", "admin", "atendente", "empresa"),
    *("senha", "mudar", "trocar", "acesso", "entrar", "teste", "minha", "nova", "brasil", "jesus", "deus"),
    *("flamengo", "corinthians", "palmeiras", "vasco", "gremio"),
)
"""Words that the lists, which are mostly English, do not know as the first ideas that they are here."""
_LONGEST_JUDGED = 72


def checked(password: str, names: Iterable[str]) -> str:
    """`password`; ConfigurationError, one line in Portuguese, when it is no protection.

    `names` are what a stranger would try: the operator's, the company's.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise ConfigurationError(f"a senha deve ter de {SHORTEST} a {LONGEST} caracteres")
    if _guesses(password, names) < FEWEST_GUESSES:
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


def _guesses(password: str, names: Iterable[str]) -> int:
    """As it is, and without its punctuation: `maria.souza1` is no better than `mariasouza1`."""
    from zxcvbn import zxcvbn  # 15 MB, for what is seldom done

    known = [*_NEARBY, *_spellings(names)]
    bare = "".join(filter(str.isalnum, password))
    return min(int(zxcvbn(each[:_LONGEST_JUDGED], known)["guesses"]) for each in (password, bare) if each)


def _spellings(names: Iterable[str]) -> list[str]:
    """Each name as it may stand in a password: as it is, run together, and word by word.

    >>> _spellings(["Maria de Souza"])
    ['maria de souza', 'mariadesouza', 'maria', 'souza']
    """
    found = []
    for name in names:
        words = "".join(c if c.isalnum() else " " for c in name.lower()).split()
        found += [name.lower(), "".join(words), *(word for word in words if len(word) > 2)]
    return list(dict.fromkeys(filter(None, found)))
