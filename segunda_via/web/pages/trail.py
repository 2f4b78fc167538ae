"""Histórico: who changed what, and when."""

from __future__ import annotations

from itertools import chain

from segunda_via.desks import registry as desks
from segunda_via.gateways import registry as gateways
from segunda_via.intents import intent_catalogue
from segunda_via.storage import audit_trail
from segunda_via.web.page import Answer, Html, Page, Visit
from segunda_via.web.response_catalogue import SITUATIONS

PAGE = Page("/historico", "Histórico", "Sistema", "clock")

EVENTS = {
    "signed_in": "entrou",
    "sign_in_failed": "errou a senha ao entrar",
    "signed_out_everywhere": "saiu de todos os lugares",
    "looked_up": "consultou um documento",
    "look_up_refused": "passou do limite de consultas",
    "operator_added": "operador criado",
    "operator_removed": "operador removido",
    "password_changed": "senha trocada",
    "saved gateway": "salvou o gateway",
    "saved payee": "confirmou o recebedor",
    "removed payee": "removeu a confirmação do recebedor",
    "saved keywords": "salvou as palavras-chave",
    "saved queue": "salvou a fila",
    "saved menu": "salvou o menu",
    "saved desk": "salvou o atendimento",
    "saved attendance": "salvou filas e horários",
    "saved conversation": "salvou a conversa",
    "saved whatsapp": "salvou o WhatsApp",
    "saved panel": "salvou os minutos do painel",
    "saved text": "salvou um texto",
    "taught a phrase": "ensinou uma frase",
    "ignored a message": "ignorou uma mensagem",
    "undid a label": "desfez uma frase ou um ignorar",
    "trained": "treinou o modelo",
    "saved alerts": "salvou os alertas",
    "saved support": "salvou o contato de suporte",
    "privacy shown": "mostrou os dados de um titular",
    "privacy exported": "exportou os dados de um titular",
    "privacy erased": "apagou os dados de um titular",
}


FIELDS = {
    **{each.name: each.history for each in chain(gateways.every_field(), desks.every_field()) if each.history},
    "desk": "plataforma",
    # of who receives the money
    "bank_code": "banco",
    "pix_receiver": "quem recebe o Pix",
    "psp_host": "endereço do Pix",
    "pix_key": "chave Pix",
    # of the other pages
    "account_sid": "Account SID",
    "auth_token": "Auth Token",
    "color": "cor",
    "contact": "contato",
    "holidays": "feriados",
    "hours": "horários",
    "inactivity_minutes": "tempo sem resposta",
    "message": "mensagem",
    "minutes_per_ticket": "minutos",
    "number": "número",
    "offer_next": "oferta da próxima fatura",
    "options": "opções",
    "phrases": "frases",
    "public_url": "endereço público",
    "queues": "filas",
    "silence_hours": "silêncio",
    "state": "estado",
    "status_callback_url": "endereço da situação",
    "templates": "modelos",
    "url": "endereço",
    "webhook_url": "endereço do webhook",
}
"""What is saved under which name, as operators know it."""
AS_IT_IS = frozenset({"gateway", "senha", "token"})
"""What operators call as the code does."""


def told(entry: audit_trail.AuditEntry) -> str:
    """What a line of the trail is about, in words.

    >>> from datetime import datetime
    >>> told(audit_trail.AuditEntry(datetime.min, "maria", "saved gateway", "credentials.base_url, credentials.token"))
    'endereço, token'
    >>> told(audit_trail.AuditEntry(datetime.min, "maria", "saved text", "utter_segunda_via_goodbye"))
    'Despedida'
    """
    detail = entry.detail or ""
    if entry.event == "saved text":
        response, _, channel = detail.partition(" ")
        title = next((titles[response] for titles in SITUATIONS.values() if response in titles), response)
        return f"{title}, só em {channel}" if channel else title
    if detail in intent_catalogue.INTENTS:
        return intent_catalogue.label(detail)
    names = (name.removeprefix("credentials.") for name in detail.split(", "))
    return ", ".join(FIELDS.get(name, name) for name in names)


@PAGE.get()
def show(visit: Visit) -> Answer:
    entries = audit_trail.recent(visit.app.engine, visit.company)
    return Html("trail.html", {"title": "Histórico", "entries": entries, "events": EVENTS, "told": told})
