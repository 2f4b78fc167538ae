"""A code that belongs elsewhere: what was pasted into a field looks like another gateway's, or like no code at all.

>>> foreign(registry.fields("asaas")[0], "Client_Id_1234567890")
'isto parece um Client ID do MK-AUTH, não a chave do Asaas'
"""

from __future__ import annotations

from segunda_via.gateways import registry
from segunda_via.http.credentials import Field, Shape

_SHORTEST = 8

_OF_NO_GATEWAY = (
    Shape(r"AC[0-9a-f]{32}", "um Account SID da Twilio"),
    Shape(r"https?://.+", "um endereço de site"),
    Shape(r"[^@\s]+@[^@\s]+\.[^@\s]+", "um e-mail"),
    Shape(r"\d{11}|\d{3}\.\d{3}\.\d{3}-\d{2}|\d{14}|\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}", "um CPF ou CNPJ"),
    Shape(r"eyJ[\w-]+\.[\w-]+\.[\w-]*", "um token de sessão (JWT), que expira"),
    Shape(r"000201.{20,}", "um código Pix"),
)


def foreign(field: Field, value: str) -> str | None:
    """What `value` looks like, when it is not what `field` wants; None when it may be. For fields with a `code`."""
    shapes = (*(each.shape for each in registry.every_field() if each.shape), *_OF_NO_GATEWAY)
    found = next((shape for shape in shapes if shape != field.shape and shape.fits(value)), None)
    return f"isto parece {found.kind}, não {field.code}" if found else None


def complaint(field: Field, value: str) -> str | None:
    """Why `value` cannot be that field; None when it may be. Never repeats it."""
    if not field.code:
        return field.wrong(value)
    if told := foreign(field, value) or field.wrong(value):
        return told
    if not value.isascii():
        return f"tem acento ou símbolo que não faz parte de {field.code}: copie de novo, inteiro"
    if len(value) < _SHORTEST:
        return f"é curto demais para ser {field.code}: copie de novo, inteiro"
    return None
