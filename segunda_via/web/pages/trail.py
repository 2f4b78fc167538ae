"""Histórico: who changed what, and when."""

from __future__ import annotations

from segunda_via import audit
from segunda_via.web.page import Answer, Html, Page, Visit

PAGE = Page("/historico", "Histórico", "Sistema", "clock")

EVENTS = {
    "signed_in": "entrou",
    "signed_out_everywhere": "saiu de todos os lugares",
    "operator_added": "operador criado",
    "operator_removed": "operador removido",
    "password_changed": "senha trocada",
    "saved gateway": "salvou o gateway",
    "saved payee": "confirmou o recebedor",
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
    "undid a lesson": "desfez uma frase ou um ignorar",
    "trained": "treinou o modelo",
    "saved alerts": "salvou os alertas",
    "saved support": "salvou o contato de suporte",
}


@PAGE.get()
def show(visit: Visit) -> Answer:
    entries = audit.recent(visit.app.engine, visit.company)
    return Html("trail.html", {"title": "Histórico", "entries": entries, "events": EVENTS})
