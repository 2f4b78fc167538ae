"""Whether Twilio and this assistant reach each other, one finding a line, naming what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from segunda_via import urls
from segunda_via.app import App
from segunda_via.boletos.formatting import phone
from segunda_via.errors import SegundaViaError
from segunda_via.operations.probes import reach
from segunda_via.operations.probes.probe import Finding, Level
from segunda_via.operations.probes.whatsapp import Refusal, ask, ask_account, in_words
from segunda_via.settings.whatsapp import WhatsAppNumber
from segunda_via.whatsapp import twilio_signature

SANDBOX_NUMBER = "whatsapp:+14155238886"


async def examine(app: App, company: str) -> list[Finding]:
    """Credentials, number, the webhooks as configured at Twilio, and the public address, in that order."""
    try:
        number = app.whatsapp(company)
    except SegundaViaError as error:
        return [Finding("configuration", Level.FAILURE, str(error))]
    if number is None:
        advice = "o WhatsApp não está configurado: salve a conta da Twilio na tela ou defina as variáveis TWILIO_*"
        return [Finding("configuration", Level.FAILURE, advice)]
    found = Finding("configuration", Level.OK, f"número {phone(number.number)}")
    return [found, *await examine_account(app, number), *await _webhook(app, number)]


async def examine_account(app: App, number: WhatsAppNumber) -> list[Finding]:
    """What Twilio says of the account and of its number, which need not be saved yet."""
    refusal = await ask_account(app, number)
    if refusal:
        return [Finding("credentials", Level.FAILURE, refusal.words)]
    account = Finding("credentials", Level.OK, "Account SID e Auth Token aceitos pela Twilio")
    return [account, *await _sender(app, number)]


async def _sender(app: App, number: WhatsAppNumber) -> list[Finding]:
    """What Twilio knows of the number, and where it calls."""
    answer = await ask(app, number, "/v2/Channels/Senders?Channel=whatsapp&PageSize=50")
    senders = [] if isinstance(answer, Refusal) else answer.get("senders") or []
    found = next((each for each in senders if each.get("sender_id") == number.number), None)
    if found is None:
        if number.number == SANDBOX_NUMBER:
            detail = "número do sandbox da Twilio: confira os endereços no console, em Sandbox settings"
            return [Finding("number", Level.WARNING, detail)]
        return [_missing_sender(number, answer)]
    status = str(found.get("status", "")).upper()
    online = status.startswith("ONLINE")
    findings = [Finding("number", Level.OK, f"{phone(number.number)} é um número desta conta")]
    if not online:
        detail = f"o número está fora do ar ({in_words(status.lower())})"
        findings.append(Finding("sender", Level.FAILURE, detail))
    configured: Mapping[str, Any] = found.get("webhook") or {}
    for subject, key, wanted in (
        ("webhook", "callback_url", number.webhook_url),
        ("status_callback", "status_callback_url", number.status_url),
    ):
        told = str(configured.get(key) or "").split("#")[0]
        if told == wanted:
            findings.append(Finding(subject, Level.OK, f"a Twilio chama {wanted}"))
        elif subject == "webhook":
            calls = f"chama {told}" if told else "ainda não chama nenhum endereço"
            detail = f"a Twilio {calls}, e deveria chamar {wanted}"
            findings.append(Finding(subject, Level.FAILURE, detail))
        elif told:  # each message names its own callback; the sender's is only what counts without
            findings.append(Finding(subject, Level.WARNING, f"a Twilio tem {told}; as mensagens usam {wanted}"))
    return findings


def _missing_sender(number: WhatsAppNumber, answer: Mapping[str, Any] | Refusal) -> Finding:
    """Not among the senders that Twilio listed. Only when it listed them all is it certain that it is none."""
    shown = phone(number.number)
    if isinstance(answer, Refusal):
        doubt = f"a Twilio não disse se {shown} é um remetente desta conta: {answer.words}"
        return Finding("number", Level.WARNING, doubt)
    if (answer.get("meta") or {}).get("next_page_url"):
        return Finding("number", Level.WARNING, f"{shown} não está entre os primeiros remetentes desta conta")
    others = ", ".join(phone(str(each.get("sender_id"))) for each in (answer.get("senders") or [])[:3])
    has = f"ela tem {others}" if others else "ela não tem nenhum"
    return Finding("number", Level.FAILURE, f"{shown} não é um número de WhatsApp desta conta da Twilio ({has})")


async def _webhook(app: App, number: WhatsAppNumber) -> list[Finding]:
    """Whether the public address leads here, and whether who answers there refuses what Twilio did not sign."""
    if not urls.is_protected(urlsplit(number.webhook_url)):
        return [Finding("public_url", Level.FAILURE, f"o endereço {number.webhook_url} deveria começar com https://")]
    if missed := await reach.missed(app.twilio_http, number.public_url):
        return [Finding("public_url", Level.FAILURE, missed)]
    form = {"MessageSid": "check"}
    try:
        unsigned = await app.twilio_http.post(number.webhook_url, data=form)
    except httpx.HTTPError:
        return [Finding("public_url", Level.FAILURE, f"o endereço {number.webhook_url} não respondeu")]
    if unsigned.status_code == 503:
        return [Finding("public_url", Level.FAILURE, "o servidor que responde lá não tem o WhatsApp configurado")]
    if unsigned.status_code != 403:
        detail = f"uma chamada sem assinatura deveria dar 403, e deu {unsigned.status_code}"
        return [Finding("signature", Level.FAILURE, detail)]
    signed = await _signed(app, number, form)
    if signed != 204:
        detail = f"uma chamada assinada deu HTTP {signed}: o servidor usa outro Auth Token ou outro endereço"
        return [Finding("signature", Level.FAILURE, detail)]
    return [
        Finding("public_url", Level.OK, f"o endereço {number.public_url} chega a este assistente"),
        Finding("signature", Level.OK, "chamadas assinadas entram, as outras não"),
    ]


async def _signed(app: App, number: WhatsAppNumber, form: Mapping[str, str]) -> int:
    headers = {"X-Twilio-Signature": twilio_signature.sign(number.auth_token, number.webhook_url, list(form.items()))}
    answer = await app.twilio_http.post(number.webhook_url, data=dict(form), headers=headers)
    return int(answer.status_code)
