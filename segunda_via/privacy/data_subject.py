"""Who asks: a phone, in any usual form, or a CPF or CNPJ in any form."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from segunda_via.boletos import documents, phone_numbers
from segunda_via.boletos.documents import Document
from segunda_via.errors import ConfigurationError


@dataclass(frozen=True)
class Subject:
    """Either the `customer`, as `phones.of_conversation` says, or the `document`."""

    customer: str | None = field(default=None, repr=False)
    document: Document | None = field(default=None, repr=False)

    @property
    def words(self) -> str:
        """Whom the answer is about, masked."""
        if self.document:
            return f"documento {documents.mask(self.document)}"
        return f"telefone {phone_numbers.mask(self.customer or '')}"

    def is_in(self, conversation_id: str) -> bool:
        return self.customer is not None and phone_numbers.of_conversation(conversation_id) == self.customer

    def is_named_in(self, content: object) -> bool:
        """Whether the document stands in one of the texts of `content`, however it is punctuated."""
        if self.document is None:
            return False
        return any(_spelt(self.document).search(text) for text in _texts(content))


def read(written: str) -> Subject:
    """ConfigurationError when that is neither, or may be both."""
    text = written.strip()
    phone = phone_numbers.normal(text)
    document = documents.parse(text) if documents.is_valid(text) else None
    if document and phone and re.search(r"[+()]", text):
        document = None
    if document and phone and not re.fullmatch(r"\d+", text):
        phone = None
    if document and phone:
        raise ConfigurationError(
            "isso pode ser um telefone e um CPF: escreva o telefone com +55, ou o CPF com pontos e traço"
        )
    if document:
        return Subject(document=document)
    if phone or re.fullmatch(r"whatsapp:[\w.+\-]{3,140}", text):
        return Subject(customer=phone or text)
    raise ConfigurationError("escreva um telefone com DDD, um CPF ou um CNPJ")


def _spelt(document: Document) -> re.Pattern[str]:
    """That document alone: the digits of a longer number are another one."""
    spelt = r"[^0-9A-Za-z]{0,3}".join(document.value)
    return re.compile(rf"(?<![0-9A-Za-z]){spelt}(?![0-9A-Za-z])", re.IGNORECASE)


def _texts(content: Any) -> list[str]:
    if isinstance(content, str):
        return [content]
    if isinstance(content, dict):
        return [text for each in content.values() for text in _texts(each)]
    if isinstance(content, (list, tuple)):
        return [text for each in content for text in _texts(each)]
    return []
