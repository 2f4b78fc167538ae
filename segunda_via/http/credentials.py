"""What an operator pastes to let the assistant speak to an API: named fields, and the texts typed into them.

What operators read of a field is Brazilian Portuguese. Nothing of it repeats what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Credentials = Mapping[str, str]
"""The fields of one API, as in `SEGUNDA_VIA_CREDENTIALS`. Never logged, never in a repr."""


@dataclass(frozen=True)
class Shape:
    """How the values of a kind look: a pattern of the whole value, and the kind as in "isto parece um e-mail"."""

    pattern: str
    kind: str

    def fits(self, value: str) -> bool:
        return re.fullmatch(self.pattern, value, re.IGNORECASE | re.DOTALL) is not None


def nothing_wrong(value: str) -> str | None:
    return None


@dataclass(frozen=True)
class Field:
    """One field of the credentials, and what operators are told of it."""

    name: str
    label: str
    """What they are asked for."""
    where: str = ""
    """Where they find it."""
    example: str = ""
    """How it looks; made up."""
    history: str = ""
    """Its name in the list of changes; empty when operators call it as the code does."""
    secret: bool = False
    optional: bool = False
    advanced: bool = False
    """Few need it: the screen folds it away."""
    made_up: bool = False
    """A password, or what people make up like one: its spaces count."""
    access: str = ""
    """What lets one in, as in "o gateway recusou o App ID"; empty for all else."""
    code: str = ""
    """A code that an API hands out, by its full name: "o App ID do Cobre Fácil". Other codes are told from it."""
    shape: Shape | None = None
    """How that code looks, where one can tell."""
    wrong: Callable[[str], str | None] = nothing_wrong
    """Why a value cannot be it; None when it can."""


def not_a_number(value: str) -> str | None:
    return None if re.fullmatch(r"[0-9]{1,18}", value) else "deve ser só o número"


def not_an_email(value: str) -> str | None:
    return None if re.fullmatch(r"[^@\s]+@[^@\s]+", value) else "deve ser um e-mail, como bot@suaempresa.com.br"


CA_FILE = Field(
    "ca_file",
    "Arquivo do certificado da autoridade própria (em branco: nenhum)",
    where="Caminho, no servidor, do certificado da sua autoridade própria.",
    example="/etc/ssl/minha-ca.pem",
    history="certificado",
    optional=True,
    advanced=True,
)
ALLOW_HTTP = Field(
    "allow_http",
    "Permitir http, sem criptografia",
    where="Evite: qualquer um no caminho lê o que você colou acima.",
    history="http sem criptografia",
    optional=True,
    advanced=True,
)
