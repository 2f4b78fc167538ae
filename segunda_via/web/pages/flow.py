"""Flow Builder: the options of the menu, the keywords, and training the model."""

from __future__ import annotations

from segunda_via.conversation import menu_setting
from segunda_via.conversation.keyword_setting import KEYWORD_SETTING
from segunda_via.conversation.menu import BUILT_IN, Menu, Option
from segunda_via.conversation.menu_setting import MENU_SETTING
from segunda_via.intents import intent_catalogue
from segunda_via.web import saving
from segunda_via.web.page import Answer, Html, Page, Redirect, Visit

PAGE = Page("/flow", "Flow Builder", "Atendimento", "flow")


@PAGE.get()
def show(visit: Visit) -> Answer:
    return _page(visit, _options(visit), _keywords(visit))


@PAGE.post("/menu")
def save_menu(visit: Visit) -> Answer:
    form = visit.form
    rows = zip(form.getlist("nome"), form.getlist("tipo"), form.getlist("destino"), strict=False)
    options = tuple(_option(label, kind, target) for label, kind, target in rows if label.strip())
    refused = saving.save(visit, MENU_SETTING, lambda: Menu(options))
    if refused:
        return _page(visit, options, _keywords(visit), refused.words, refused.status)
    return Redirect(PAGE.url, "Menu salvo. Já vale nas próximas conversas, sem treinar.")


@PAGE.post("/palavras")
def save_keywords(visit: Visit) -> Answer:
    typed = tuple(line.strip() for line in visit.form["palavras"].splitlines() if line.strip())
    refused = saving.save(visit, KEYWORD_SETTING, lambda: typed)
    if refused:
        return _page(visit, _options(visit), typed, refused.words, refused.status)
    return Redirect(PAGE.url, "Palavras-chave salvas. Valem em poucos segundos, sem treinar.")


@PAGE.post("/treinar")
def train(visit: Visit) -> Answer:
    visit.app.training_service.train(visit.company, by=visit.operator)
    return Redirect(PAGE.url)


@PAGE.get("/treino")
def training(visit: Visit) -> Answer:
    """How far the training is, for the script that renews it."""
    return Html("training.html", _training(visit))


def _training(visit: Visit) -> dict[str, object]:
    pending = len(visit.app.phrase_labels.pending(visit.company))
    return {"training": visit.app.training_service.progress(), "pending": pending, "train_at": f"{PAGE.url}/treinar"}


def _options(visit: Visit) -> tuple[Option, ...]:
    return MENU_SETTING.in_force(visit.app.settings, visit.company).options


def _keywords(visit: Visit) -> tuple[str, ...]:
    return KEYWORD_SETTING.in_force(visit.app.settings, visit.company)


def _option(label: str, kind: str, target: str) -> Option:
    target = target.replace("\r\n", "\n")
    if kind in {"text", "queue"}:
        return Option(label.strip(), **{kind: target if kind == "queue" else target.strip()})
    return Option(label.strip(), intent=kind)


def _page(
    visit: Visit, options: tuple[Option, ...], known: tuple[str, ...], problem: str | None = None, status: int = 200
) -> Answer:
    values = {
        "title": "Flow Builder",
        "built_in": BUILT_IN,
        "options": [*options, *([Option("")] if len(options) < menu_setting.MOST else [])],
        "subjects": {intent: intent_catalogue.label(intent) for intent in menu_setting.INTENTS},
        "known": "\n".join(known),
        "version_menu": saving.version(visit, MENU_SETTING),
        "version_keywords": saving.version(visit, KEYWORD_SETTING),
        "longest": menu_setting.LONGEST_LABEL,
        "longest_text": menu_setting.LONGEST_TEXT,
        "problem": problem,
        **_training(visit),
    }
    return Html("flow.html", values, status)
