"""Why an invoice is not sent, or what of it is missing, as operators and agents read it. Tickets hold the codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from segunda_via.boletos.checks import Failure, Item, Verdict
from segunda_via.boletos.invoice import Status

FAILURES: Final[Mapping[Failure, str]] = {
    Failure.LINE_CHECK_DIGITS: "os dígitos da linha digitável não conferem",
    Failure.BARCODE_CHECK_DIGITS: "os dígitos do código de barras não conferem",
    Failure.LINE_AND_BARCODE: "a linha digitável e o código de barras são de boletos diferentes",
    Failure.LINE_AMOUNT: "o valor na linha digitável não é o da fatura",
    Failure.LINE_DUE_DATE: "o vencimento na linha digitável não é o da fatura",
    Failure.UPDATED_AMOUNT: "o valor atualizado cresceu além do possível",
    Failure.PIX_MALFORMED: "o Pix está malformado",
    Failure.PIX_AMOUNT: "o valor no Pix não é o da fatura",
    Failure.PAYEE_BANK: "o banco não é o do recebedor confirmado",
    Failure.PAYEE_RECEIVER: "quem recebe o Pix não é o recebedor confirmado",
    Failure.PAYEE_HOST: "o Pix vem de outro banco que não o do recebedor confirmado",
    Failure.PAYEE_KEY: "a chave do Pix não é a do recebedor confirmado",
    Failure.PAYEE_ACCOUNT: "o Pix traz também a conta de outro arranjo, que não se pode conferir",
}
ITEMS: Final[Mapping[Item, str]] = {
    Item.PIX: "sem Pix",
    Item.LINHA_DIGITAVEL: "sem linha digitável",
    Item.LINK: "sem link de pagamento",
}
STATUSES: Final[Mapping[Status, str]] = {
    Status.OPEN: "em aberto, mas sem código nem link",
    Status.REGISTERING: "o banco ainda registra o boleto",
    Status.CLOSED: "já encerrada no gateway",
}
NOT_CONFIRMED: Final[Mapping[Item, str]] = {
    Item.PIX: "o Pix não é enviado: quem o recebe não foi confirmado; faça um teste e confirme",
    Item.LINHA_DIGITAVEL: "o código de barras não é enviado: o banco dele não foi confirmado; faça um teste e confirme",
}
UNREADABLE: Final = "unreadable_invoice"
"""The reason where no check failed: what cannot be read might be the invoice to send."""

BY_CODE: Final[Mapping[str, str]] = {
    **{failure.value: words for failure, words in FAILURES.items()},
    **{f"{item.value}_not_confirmed": words for item, words in NOT_CONFIRMED.items()},
    UNREADABLE: "o gateway lista uma fatura que não dá para ler, e pode ser essa a que deve ir",
}


def absences(verdict: Verdict) -> str | None:
    """The code of what a delivery lacks, for its ticket; None when it is whole."""
    codes = (f"{item.value}_not_confirmed" if item in verdict.unconfirmed else item.value for item in verdict.missing)
    return ", ".join(sorted(codes)) or None


def untrusted_link(host: str) -> str:
    """Why an invoice is sent without its payment link, and what an operator may do."""
    return (
        f"o link de pagamento leva a {host}, que não está entre os endereços conhecidos, e não é enviado: "
        "se é de confiança, acrescente-o em Integração, Avançado"
    )


def failures(reason: str | None) -> list[str]:
    """What each check in a ticket's reason means that failed, or could not be made; empty when it names none.

    >>> failures("line_amount, pix_malformed")
    ['o valor na linha digitável não é o da fatura', 'o Pix está malformado']
    >>> failures("gateway_unavailable"), failures(None)
    ([], [])
    """
    codes = (reason or "").split(", ")
    return [BY_CODE[code] for code in codes if code in BY_CODE]
