"""An invoice that passed its checks, as the ordered messages of the delivery.

The words are responses of `domain.yml`, named here and rendered by whoever speaks; the codes are messages of their own,
because WhatsApp copies whole messages.

    1. 📄 the invoice's data, what the codes show instead of its amount,
       who must appear on the bank's screen, 🔗 the payment link                             Text
    2. 🏦 Pix copia e cola                                                                   Code
    3. 📄 linha digitável                                                                    Code
    4. 🖼 QR code of that Pix                                                                Image
    5. 📑 PDF                                                                                Attachment

What is missing is said in the place where it would have stood, so a delivery never exceeds five messages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Union

from segunda_via.boletos import linha_digitavel, pix
from segunda_via.boletos.checks import Item, Payee, Verdict
from segunda_via.boletos.formatting import reais, short_date
from segunda_via.boletos.invoice import Invoice, InvoiceChoice
from segunda_via.boletos.plain_text import plain


@dataclass(frozen=True)
class Line:
    """One response of the domain and the values of its variables."""

    response: str
    values: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Text:
    """One message made of responses, a line each."""

    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Code:
    """A code to copy: alone in its message, unformatted but for the grouping of the linha digitável."""

    text: str = field(repr=False)


@dataclass(frozen=True)
class Image:
    url: str = field(repr=False)


@dataclass(frozen=True)
class Attachment:
    url: str = field(repr=False)


# By which of the codes is missing: bare digits in a message of their own would leave a customer wondering.
_ANNOUNCEMENTS: Mapping[frozenset[Item], str] = {
    frozenset(): "utter_segunda_via_codes_follow",
    frozenset({Item.LINHA_DIGITAVEL}): "utter_segunda_via_pix_follows",
    frozenset({Item.PIX}): "utter_segunda_via_linha_digitavel_follows",
}

# By which of the codes ask for less than what is told: the bank adds the rest when they are paid.
_SHOWS_LESS: Mapping[frozenset[Item], str] = {
    frozenset({Item.PIX, Item.LINHA_DIGITAVEL}): "utter_segunda_via_codes_show_less",
    frozenset({Item.PIX}): "utter_segunda_via_pix_shows_less",
    frozenset({Item.LINHA_DIGITAVEL}): "utter_segunda_via_linha_digitavel_shows_less",
}

Message = Union[Text, Code, Image, Attachment]  # noqa: UP007  a runtime alias; `X | Y` of classes is fine only in hints


@dataclass(frozen=True)
class MediaUrls:
    """Where the QR code and the PDF can be fetched; None when there is nothing to show."""

    qr: str | None = field(default=None, repr=False)
    pdf: str | None = field(default=None, repr=False)


def say(response: str, **values: str) -> Text:
    """A message of a single response."""
    return Text((Line(response, values),))


def offer(others: int) -> Line:
    """What is asked after a delivery when that many other invoices are open."""
    response = "utter_segunda_via_offer_next_one" if others == 1 else "utter_segunda_via_offer_next"
    return Line(response, {"quantidade": str(others)})


def messages(
    choice: InvoiceChoice, verdict: Verdict, payee: Payee, media: MediaUrls, *, others_told: bool = True
) -> tuple[Message, ...]:
    """The delivery of `verdict.invoice`, in order; `others_told`: it says how many others are open."""
    invoice = verdict.invoice
    parts: list[Message] = [Text(_invoice_lines(choice, verdict, payee, others_told))]
    if invoice.codes.pix:
        parts.append(Code(invoice.codes.pix))
    else:
        parts.append(say("utter_segunda_via_missing_pix"))
    if invoice.codes.linha_digitavel:
        parts.append(Code(linha_digitavel.format(invoice.codes.linha_digitavel)))
    else:
        parts.append(say("utter_segunda_via_missing_linha_digitavel"))
    if media.qr:
        parts.append(Image(media.qr))
    if media.pdf:
        parts.append(Attachment(media.pdf))
    return tuple(parts)


def _invoice_lines(choice: InvoiceChoice, verdict: Verdict, payee: Payee, others_told: bool) -> tuple[Line, ...]:
    invoice = verdict.invoice
    lines = [_headline(choice, invoice), *_amount_lines(choice, verdict)]
    expected = beneficiary(invoice, payee)
    if expected:
        lines.append(Line("utter_segunda_via_beneficiary", {"beneficiario": expected}))
    if Item.LINK in verdict.missing:
        lines.append(Line("utter_segunda_via_missing_link"))
    else:
        lines.append(Line("utter_segunda_via_link", {"link": invoice.payment_url or ""}))
    if others_told and choice.others == 1:
        lines.append(Line("utter_segunda_via_others_open_one"))
    elif others_told and choice.others > 1:
        lines.append(Line("utter_segunda_via_others_open", {"quantidade": str(choice.others)}))
    if announcement := _ANNOUNCEMENTS.get(frozenset(verdict.missing - {Item.LINK})):
        lines.append(Line(announcement))
    return tuple(lines)


def _headline(choice: InvoiceChoice, invoice: Invoice) -> Line:
    if not choice.overdue:
        response = "utter_segunda_via_invoice_next_due"
    elif invoice.updated_amount is not None:
        response = "utter_segunda_via_invoice_overdue_updated"
    else:
        response = "utter_segunda_via_invoice_overdue"
    return Line(
        response,
        {
            "numero": invoice.number,
            "vencimento": short_date(invoice.due_date),
            "valor": reais(invoice.amount_due),
            "valor_original": reais(invoice.amount),
        },
    )


def _amount_lines(choice: InvoiceChoice, verdict: Verdict) -> Iterator[Line]:
    """Where a code shows something else than the amount and the due date that are told."""
    if verdict.reissued:
        yield Line("utter_segunda_via_reissued", {"novo_vencimento": short_date(verdict.reissued)})
    if verdict.discounted is not None:
        yield Line("utter_segunda_via_discount", {"valor_com_desconto": reais(verdict.discounted)})
    told = verdict.invoice.amount_due
    less = {item: amount for item, amount in verdict.asked.items() if amount is not None and amount < told}
    if choice.overdue and less:
        yield Line(_SHOWS_LESS[frozenset(less)], {"valor_no_codigo": reais(min(less.values()))})
    if None in verdict.asked.values():
        yield Line("utter_segunda_via_check_amount")


def beneficiary(invoice: Invoice, payee: Payee) -> str | None:
    """What must appear on the bank's screen: the receiver and its bank, as far as they are known."""
    line = invoice.codes.linha_digitavel
    code = payee.bank_code or (linha_digitavel.bank_code(line) if line else None)
    bank = (linha_digitavel.bank_name(code) or code) if code else None
    return " · ".join(part for part in (receiver(invoice, payee), bank) if part) or None


def receiver(invoice: Invoice, payee: Payee) -> str | None:
    """Who receives the money: as confirmed by the operator, told by the gateway, or written in the Pix."""
    if payee.pix_receiver or invoice.beneficiary:
        return payee.pix_receiver or invoice.beneficiary
    return (plain(pix.parse(invoice.codes.pix).receiver) or None) if invoice.codes.pix else None
