"""From a checked invoice to the links of its delivery."""

from __future__ import annotations

import logging

from segunda_via.boletos.invoice import Invoice
from segunda_via.delivery.bundle import MediaUrls, receiver
from segunda_via.delivery.deliver_segunda_via import Account
from segunda_via.errors import MediaError
from segunda_via.media import qr
from segunda_via.media.links import MediaLinks
from segunda_via.media.slip import Slip, mask_name

logger = logging.getLogger(__name__)


class DeliveryLinks:
    """Implements the use case's Media port."""

    def __init__(self, links: MediaLinks) -> None:
        self._links = links

    def links(self, account: Account, invoice: Invoice) -> MediaUrls:
        """The links of `invoice`, whose codes are those that passed the checks.

        The QR code is drawn here once, and decoded back, so that no link is sent whose picture would not be shown.
        The PDF is promised when there is anything to put on it: the gateway's, or a code to render one with.
        """
        codes = invoice.codes
        printable = codes.linha_digitavel or codes.pix
        return MediaUrls(
            qr=self._links.qr(codes.pix) if codes.pix and _renders(codes.pix) else None,
            pdf=self._links.pdf(_slip(account, invoice)) if printable else None,
        )


def _renders(pix: str) -> bool:
    try:
        qr.check(pix)
    except MediaError as error:
        logger.error("the QR code was left out: %s", error)
        return False
    return True


def _slip(account: Account, invoice: Invoice) -> Slip:
    return Slip(
        gateway=account.gateway.name,
        number=invoice.number,
        due_date=invoice.due_date,
        amount=invoice.amount_due,
        nominal_amount=invoice.amount,
        beneficiary=receiver(invoice, account.payee),
        payer=mask_name(invoice.payer) if invoice.payer else None,
        linha_digitavel=invoice.codes.linha_digitavel,
        pix=invoice.codes.pix,
        pdf_url=invoice.pdf_url,
        pdf_hosts=account.pdf_hosts,
    )
