"""What was not understood this week: choose what each message meant, save, train, and see what that changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from segunda_via.errors import ConfigurationError
from segunda_via.intents import intent_catalogue, misunderstood
from segunda_via.intents.example_files import LONGEST
from segunda_via.intents.phrase_labels import WAITING
from segunda_via.intents.training_effect import Moved
from segunda_via.web.page import Answer, Form, Html, Page, Redirect, Visit

PAGE = Page("/painel/nao-entendidas", "Não entendidas")
IGNORE = "ignorar"
GROUPS, ALIKE = 10, 12
"""What is shown at once: groups, and messages of a group; the others follow when these are done."""
READ_ONLY = "a pasta data/nlu deste servidor é somente leitura; o que você escolheu ficou guardado, e nada se perdeu"


@dataclass(frozen=True)
class LabelChoice:
    """What an operator chose for one message; `subject` is an intent, IGNORE, or empty for later."""

    said: str
    subject: str
    phrase: str
    refused: str | None = None


@PAGE.get()
def show(visit: Visit) -> Answer:
    return _page(visit)


@PAGE.post()
def save(visit: Visit) -> Answer:
    refused: list[LabelChoice] = []
    taught = ignored = 0
    for choice in _choices(visit.form):
        try:
            _decide(visit, choice)
        except ConfigurationError as error:
            refused.append(replace(choice, refused=str(error)))
        else:
            taught += choice.subject != IGNORE
            ignored += choice.subject == IGNORE
    done = _done(taught, ignored)
    if refused:
        return _page(visit, f"{done} O que não pôde ser salvo tem o motivo escrito.".strip(), refused)
    return Redirect(PAGE.url, done or "Nada foi escolhido.")


@PAGE.post("/treinar")
def train(visit: Visit) -> Answer:
    visit.app.training_service.train(visit.company, by=visit.operator)
    return Redirect(f"{PAGE.url}#treino")


@PAGE.get("/treino")
def training(visit: Visit) -> Answer:
    """How far the training is and what it changed, for the script that renews it."""
    return Html("training_result.html", _training(visit))


@PAGE.post("/desfazer")
def undo(visit: Visit) -> Answer:
    typed = visit.form["licao"]
    number = int(typed) if typed.isdecimal() and len(typed) < 10 else 0
    try:
        visit.app.phrase_labels.undo(visit.company, number, by=visit.operator)
    except ConfigurationError as error:
        return _page(visit, str(error))
    return Redirect(PAGE.url, "Desfeito.")


def _choices(form: Form) -> Iterator[LabelChoice]:
    """What was decided, message by message."""
    for group in range(GROUPS):
        subject = form[f"assunto-{group}"]
        for message in range(ALIKE):
            name = f"{group}-{message}"
            if subject and form[f"dito-{name}"] and f"vale-{name}" in form:
                yield LabelChoice(form[f"dito-{name}"], subject, form[f"frase-{name}"])


def _decide(visit: Visit, choice: LabelChoice) -> None:
    phrase_labels = visit.app.phrase_labels
    if choice.subject == IGNORE:
        phrase_labels.ignore(visit.company, choice.said, by=visit.operator)
    elif choice.subject in intent_catalogue.INTENTS:
        phrase_labels.teach(visit.company, choice.said, choice.phrase, choice.subject, by=visit.operator)
    else:
        raise ConfigurationError("escolha um assunto da lista")


def _done(taught: int, ignored: int) -> str:
    """
    >>> _done(2, 1), _done(0, 1), _done(0, 0)
    ('2 frases salvas, 1 mensagem ignorada.', '1 mensagem ignorada.', '')
    """
    parts = [
        f"{number} {one if number == 1 else many}"
        for number, one, many in (
            (taught, "frase salva", "frases salvas"),
            (ignored, "mensagem ignorada", "mensagens ignoradas"),
        )
        if number
    ]
    return f"{', '.join(parts)}." if parts else ""


def _page(visit: Visit, problem: str | None = None, refused: list[LabelChoice] | None = None) -> Answer:
    phrase_labels, company = visit.app.phrase_labels, visit.company
    said = visit.app.misunderstood_store.said(company)
    groups, ignored = phrase_labels.sorted_out(company, said)
    chosen = {each.said: each for each in refused or ()}
    shown = [
        (
            sum(each.times for each in group),
            next((chosen[each.text].subject for each in group if each.text in chosen), ""),
            [
                (each.times, chosen.get(each.text) or LabelChoice(each.text, "", misunderstood.unmasked(each.text)))
                for each in group[:ALIKE]
            ],
        )
        for group in groups[:GROUPS]
    ]
    visible = {choice.said for _, _, messages in shown for _, choice in messages}
    gone = [f"“{each.said}”: {each.refused}" for each in refused or () if each.said not in visible]
    values = {
        "title": PAGE.title,
        "problems": [*filter(None, [problem]), *gone],
        "said": visit.app.misunderstood_store.number(company),
        "groups": shown,
        "left": len(groups) - len(shown),
        "intents": intent_catalogue.INTENTS,
        "label": intent_catalogue.label,
        "ignore": IGNORE,
        "longest": LONGEST,
        "ignored": ignored,
        "phrase_labels": phrase_labels.recent(company),
        "waits": WAITING,
        "read_only": READ_ONLY if phrase_labels.waiting(company) else None,
        **_training(visit),
    }
    return Html("not_understood.html", values, 400 if problem else 200)


def _training(visit: Visit) -> dict[str, object]:
    last = visit.app.training_service.last(visit.company)
    return {
        "training": visit.app.training_service.progress(),
        "pending": len(visit.app.phrase_labels.pending(visit.company)),
        "last": last,
        "label": intent_catalogue.label,
        "verdict": _verdict,
    }


def _verdict(moved: Moved) -> tuple[str, str]:
    """The sign, and what it means.

    >>> _verdict(Moved("oi", "cumprimentar", "negar", "cumprimentar"))
    ('ok', 'agora certa')
    """
    if moved.after == moved.label:
        return "ok", "agora certa"
    return ("failure", "agora errada") if moved.before == moved.label else ("warning", "errada antes e agora")
