"""What operators paste into a field, cleaned where that is certain.

>>> clean(' "$aact_prod_000\\nabc" ').value
'$aact_prod_000abc'
>>> clean("access_token: $aact_prod_1").notes
('o nome do campo, que veio junto, foi retirado',)
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
