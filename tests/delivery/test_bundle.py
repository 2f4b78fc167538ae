"""The delivery: five messages at most, in the seed's order, words apart from codes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from support.factories import TODAY, examine, invoice

from segunda_via.boletos import linha_digitavel
from segunda_via.boletos.checks import Payee
from segunda_via.boletos.invoice import Codes, Invoice, InvoiceChoice
from segunda_via.conversation.responses import render
from segunda_via.delivery.bundle import Attachment, Code, Image, MediaUrls, Text, messages

MEDIA = MediaUrls(qr="https://bot.example.com/media/q", pdf="https://bot.example.com/media/p")
RESPONSES = {
    "utter_segunda_via_invoice_next_due": [{"text": "Fatura {numero} vence em {vencimento}: {valor}"}],
    "utter_segunda_via_invoice_overdue": [{"text": "Fatura {numero} venceu em {vencimento}: {valor}, mais multa"}],
    "utter_segunda_via_invoice_overdue_updated": [
        {"text": "Fatura {numero} vencida: hoje {valor}, era {valor_original}"}
    ],
    "utter_segunda_via_linha_digitavel_shows_less": [{"text": "A linha mostra {valor_no_codigo}"}],
    "utter_segunda_via_pix_shows_less": [{"text": "O Pix mostra {valor_no_codigo}"}],
    "utter_segunda_via_codes_show_less": [{"text": "Os códigos mostram {valor_no_codigo}"}],
    "utter_segunda_via_discount": [{"text": "Com desconto {valor_com_desconto}"}],
    "utter_segunda_via_check_amount": [{"text": "Confira o valor"}],
    "utter_segunda_via_reissued": [{"text": "De novo, até {novo_vencimento}"}],
    "utter_segunda_via_beneficiary": [{"text": "Recebe: {beneficiario}"}],
    "utter_segunda_via_link": [{"text": "🔗 {link}"}],
    "utter_segunda_via_missing_link": [{"text": "Sem link"}],
    "utter_segunda_via_others_open": [{"text": "Outras: {quantidade}"}],
    "utter_segunda_via_others_open_one": [{"text": "Mais uma"}],
    "utter_segunda_via_codes_follow": [{"text": "Os dois códigos:"}],
    "utter_segunda_via_pix_follows": [{"text": "O Pix:"}],
    "utter_segunda_via_linha_digitavel_follows": [{"text": "A linha:"}],
    "utter_segunda_via_missing_pix": [{"text": "Sem Pix"}, {"text": "*Sem Pix*", "channel": "whatsapp"}],
    "utter_segunda_via_missing_linha_digitavel": [{"text": "Sem linha"}],
}


def deliver(
    asked: Invoice, *, overdue: bool = False, others: int = 0, media: MediaUrls = MEDIA, channel: str = "cmdline"
) -> list[str]:
    parts = messages(InvoiceChoice(asked, overdue, others), examine(asked, TODAY), Payee(), media)
    shown = []
    for part in parts:
        if isinstance(part, Text):
            shown.append(render(part.lines, RESPONSES, channel))
        elif isinstance(part, Code):
            shown.append(part.text)
        else:
            assert isinstance(part, (Image, Attachment))
            shown.append(f"{type(part).__name__} {part.url}")
    return shown


def test_the_whole_bundle_is_five_messages_in_order() -> None:
    whole = invoice()
    assert deliver(whole) == [
        "Fatura 15924715 vence em 10/12/2026: R$ 189,90\nRecebe: EMPRESA TESTE · Asaas\n🔗 https://www.asaas.com/i/0001"
        "\nOs dois códigos:",
        whole.codes.pix,
        linha_digitavel.format(whole.codes.linha_digitavel or ""),
        "Image https://bot.example.com/media/q",
        "Attachment https://bot.example.com/media/p",
    ]


def test_an_overdue_invoice_says_what_is_owed_today_or_that_additions_come() -> None:
    late = invoice(date(2026, 11, 3))
    updated = deliver(replace(late, updated_amount=Decimal("195.12")), overdue=True)[0]
    assert updated.startswith(
        "Fatura 15924715 vencida: hoje R$ 195,12, era R$ 189,90\nOs códigos mostram R$ 189,90\nRecebe: "
    )
    assert deliver(late, overdue=True)[0].startswith("Fatura 15924715 venceu em 03/11/2026: R$ 189,90, mais multa\n")


def test_what_is_missing_is_said_where_it_would_have_stood() -> None:
    without_pix = invoice(codes=replace(invoice().codes, pix=None))
    parts = deliver(without_pix, media=MediaUrls(pdf=MEDIA.pdf), channel="whatsapp")
    assert parts[1] == "*Sem Pix*"
    assert len(parts) == 4
    assert parts[0].endswith("\nA linha:")
    pix_only = deliver(invoice(codes=Codes(pix=invoice().codes.pix)))
    assert pix_only[2] == "Sem linha"
    assert pix_only[0].endswith("\nO Pix:")
    assert "👇" not in "".join(deliver(invoice(codes=Codes()), media=MediaUrls())), "no code, nothing to announce"
    assert deliver(invoice(payment_url=None))[0].endswith("Sem link\nOs dois códigos:")


def test_how_many_others_are_open_is_said_in_the_first_message() -> None:
    assert deliver(invoice(), others=1)[0].endswith("\nMais uma\nOs dois códigos:")
    assert deliver(invoice(), others=3)[0].endswith("\nOutras: 3\nOs dois códigos:")


def test_no_message_holds_a_blank_line_even_when_a_response_is_empty() -> None:
    emptied = {**RESPONSES, "utter_segunda_via_beneficiary": [{"text": ""}]}
    parts = messages(InvoiceChoice(invoice(), overdue=False, others=2), examine(invoice(), TODAY), Payee(), MEDIA)
    assert isinstance(parts[0], Text)
    assert "\n\n" not in render(parts[0].lines, emptied)


def test_the_confirmed_payee_is_what_the_customer_is_told_to_expect() -> None:
    parts = messages(
        InvoiceChoice(invoice(), overdue=False, others=0),
        examine(invoice(), TODAY),
        Payee("001", "MINHA EMPRESA", None),
        MEDIA,
    )
    assert isinstance(parts[0], Text)
    assert "Recebe: MINHA EMPRESA · Banco do Brasil" in render(parts[0].lines, RESPONSES)


def test_a_value_that_looks_like_a_variable_stays_what_it_is() -> None:
    odd = invoice(number="{link}")
    assert deliver(odd)[0].startswith("Fatura {link} vence em")


def test_nothing_personal_shows_in_reprs() -> None:
    whole = invoice()
    parts = messages(InvoiceChoice(whole, overdue=False, others=0), examine(whole, TODAY), Payee(), MEDIA)
    shown = repr(parts) + repr(whole)
    for secret in (whole.codes.pix, whole.codes.linha_digitavel, "Cliente Exemplo", "bot.example.com", "EMPRESA TESTE"):
        assert str(secret) not in shown
