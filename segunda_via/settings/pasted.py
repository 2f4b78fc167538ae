"""What operators paste into a token's field: cleaned where that is certain, explained where it is not.

>>> clean(' "$aact_prod_000\\nabc" ').value
'$aact_prod_000abc'
>>> clean("access_token: $aact_prod_1").notes
('o nome do campo, que veio junto, foi retirado',)
>>> complaint("asaas", "token", "Client_Id_1234567890")
'isto parece um Client ID do MK-AUTH, não a chave do Asaas'
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

_LABEL = re.compile(r"^(?:access[_-]?token|authorization|token|api[_ -]?key|bearer|secret)\s*[:=]?\s+", re.I)
_LABEL_TIGHT = re.compile(r"^(?:access[_-]?token|token|api[_ -]?key|app[_ -]?id|client[_ -]?id|secret)\s*[:=]\s*", re.I)
_QUOTES = "\"'`“”‘’«»"


@dataclass(frozen=True)
class Pasted:
    """The value to use, and what was mended, each in words."""

    value: str = field(repr=False)
    notes: tuple[str, ...] = ()


def clean(text: str, *, keep_spaces: bool = False) -> Pasted:
    """`keep_spaces` is for passwords, whose own spaces count."""
    notes = []
    value = "".join(c for c in text if unicodedata.category(c) not in {"Cf", "Cc"} or c in "\n\r\t")
    if value != text:
        notes.append("caracteres invisíveis foram retirados")
    value = value.strip()
    for pattern in (_LABEL, _LABEL_TIGHT):
        bare = pattern.sub("", value)
        if bare != value and bare and not keep_spaces:
            value = bare.strip()
            notes.append("o nome do campo, que veio junto, foi retirado")
    if len(value) > 2 and value[0] in _QUOTES and value[-1] in _QUOTES:
        value = value[1:-1].strip()
        notes.append("as aspas foram retiradas")
    if keep_spaces:
        return Pasted(value, tuple(notes))
    if re.search(r"[\n\r]", value):
        notes.append("quebras de linha foram retiradas")
    elif re.search(r"\s", value):
        notes.append("espaços foram retirados")
    return Pasted(re.sub(r"\s+", "", value), tuple(notes))


_SHAPES: tuple[tuple[str, str, str], ...] = (
    # a shape, whose it is, and how it is called
    (r"\$?aact_(?:prod|hmlg)_.+|\$aact_.+", "asaas", "uma chave do Asaas"),
    (r"Client_Id_.+", "mk_auth.client_id", "um Client ID do MK-AUTH"),
    (r"Client_Secret_.+", "mk_auth.client_secret", "um Client Secret do MK-AUTH"),
    (r"AC[0-9a-f]{32}", "twilio", "um Account SID da Twilio"),
    (r"https?://.+", "", "um endereço de site"),
    (r"[^@\s]+@[^@\s]+\.[^@\s]+", "", "um e-mail"),
    (r"\d{11}|\d{3}\.\d{3}\.\d{3}-\d{2}|\d{14}|\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}", "", "um CPF ou CNPJ"),
    (r"eyJ[\w-]+\.[\w-]+\.[\w-]*", "", "um token de sessão (JWT), que expira"),
    (r"000201.{20,}", "", "um código Pix"),
)
_WANTED = {
    ("asaas", "token"): "a chave do Asaas",
    ("sga", "token"): "o token do SGA",
    ("cobre_facil", "app_id"): "o App ID do Cobre Fácil",
    ("cobre_facil", "secret"): "o Secret do Cobre Fácil",
    ("mk_auth", "client_id"): "o Client ID do MK-AUTH",
    ("mk_auth", "client_secret"): "o Client Secret do MK-AUTH",
    ("mk_solutions", "token"): "o token do MK Solutions",
}


def complaint(product: str, name: str, value: str) -> str | None:
    """Why `value` cannot be that field of that product; None when it may be. Never repeats it."""
    wanted = _WANTED.get((product, name))
    if wanted is None:
        return None
    for shape, owner, called in _SHAPES:
        if re.fullmatch(shape, value, re.I | re.S) and owner not in {product, f"{product}.{name}"}:
            return f"isto parece {called}, não {wanted}"
    if product == "asaas" and not value.startswith("$"):
        if value.startswith("aact_"):
            return "faltou o $ do começo da chave: copie de novo, com o cifrão"
        return "a chave do Asaas começa com $aact_: confira se copiou a chave inteira"
    if not value.isascii():
        return f"tem acento ou símbolo que não faz parte de {wanted}: copie de novo, inteiro"
    if len(value) < 8:
        return f"é curto demais para ser {wanted}: copie de novo, inteiro"
    return None


def warning(product: str, value: str, base_url: str) -> str | None:
    """What to think about before saving, though it can be right: a test key, or one of the other environment."""
    if product != "asaas":
        return None
    test_key, test_host = value.startswith("$aact_hmlg_"), "sandbox" in base_url
    if test_key and base_url and "asaas.com" in base_url and not test_host:
        return "a chave é do ambiente de testes e o endereço é de produção: um dos dois está trocado"
    if value.startswith("$aact_prod_") and test_host:
        return "a chave é de produção e o endereço é do ambiente de testes: um dos dois está trocado"
    if test_key:
        return "esta chave é do ambiente de testes do Asaas: os boletos dela não são de verdade"
    return None
