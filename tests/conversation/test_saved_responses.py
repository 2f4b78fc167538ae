"""Texts that operators saved: kept in versions, laid over the domain's, at hand within seconds, never in the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from support.databases import migrated_sqlite

from segunda_via.app import App
from segunda_via.conversation import domain_file, queue_setting
from segunda_via.conversation.queue_setting import QUEUE_SETTING
from segunda_via.conversation.response_store import ResponseStore, text_versions
from segunda_via.conversation.responses import QUESTION, SavedResponses, lay_over, left_out
from segunda_via.errors import ConfigurationError
from segunda_via.operations.probes.probe import Level, run
from segunda_via.operations.probes.registry import PROBES
from segunda_via.settings.environment import Environment
from segunda_via.settings.store import SettingsStore
from segunda_via.storage import audit_trail
from segunda_via.storage.keys import KeyRing, load_or_create

NOW = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
THANKS = "utter_segunda_via_you_are_welcome"
PHONE = {"channel": "whatsapp", "text": "De nada!", "buttons": [{"title": "Boleto", "payload": "boleto"}]}
RESPONSES: dict[str, list[dict[str, Any]]] = {
    THANKS: [{"text": "Por nada!", "metadata": {"a": 1}}, PHONE, {"text": "Imagina!"}],
    "utter_link": [{"text": "🔗 {link}"}],
    QUESTION: [{"text": "Digite seu CPF ou CNPJ para localizar sua fatura.\n🔒 Somente para isso."}],
}
OF_QUESTION = RESPONSES[QUESTION][0]


@pytest.fixture
def store(engine: Engine, tmp_path: Path) -> SettingsStore:
    return SettingsStore(engine, KeyRing(load_or_create(tmp_path / "secret.key")))


@pytest.fixture
def texts(engine: Engine, store: SettingsStore) -> ResponseStore:
    return ResponseStore(engine, store)


def save(
    texts: ResponseStore, response: str, text: str | None, variant: dict[str, Any] | None = None, **more: Any
) -> bool:
    original = variant or RESPONSES[response][0]
    return texts.save("default", response, original, text, by="ana", at=NOW, **more)


def words(texts: ResponseStore, response: str) -> list[str]:
    return [each["text"] for each in lay_over(RESPONSES, texts.in_force("default"))[response]]


def test_a_saved_text_takes_the_place_of_the_domains_and_leaves_the_rest(texts: ResponseStore) -> None:
    assert save(texts, THANKS, "Disponha!")
    laid = lay_over(RESPONSES, texts.in_force("default"))
    assert laid[THANKS] == [{"text": "Disponha!", "metadata": {"a": 1}}, PHONE]
    assert laid["utter_link"] == RESPONSES["utter_link"]
    assert lay_over(RESPONSES, texts.in_force("other")) == RESPONSES


def test_a_channels_variant_is_saved_apart_and_keeps_its_buttons(texts: ResponseStore) -> None:
    assert save(texts, THANKS, "Tamo junto!", PHONE)
    assert lay_over(RESPONSES, texts.in_force("default"))[THANKS] == [
        {**PHONE, "text": "Tamo junto!"},
        {"text": "Por nada!", "metadata": {"a": 1}},
        {"text": "Imagina!"},
    ]


def test_every_version_is_kept_and_the_original_is_one_step_away(texts: ResponseStore) -> None:
    save(texts, THANKS, "Disponha!")
    assert not save(texts, THANKS, "Disponha! "), "nothing changed"
    save(texts, THANKS, "Às ordens!")
    assert words(texts, THANKS) == ["Às ordens!", "De nada!"]
    save(texts, THANKS, None)
    assert words(texts, THANKS) == ["Por nada!", "De nada!", "Imagina!"]
    assert [(each.text, each.saved_by) for each in texts.versions("default", THANKS)] == [
        (None, "ana"),
        ("Às ordens!", "ana"),
        ("Disponha!", "ana"),
    ]


def test_who_edits_an_older_version_is_told(texts: ResponseStore) -> None:
    save(texts, THANKS, "Disponha!", based_on=0)
    with pytest.raises(ConfigurationError, match="ana salvou este texto enquanto você editava"):
        save(texts, THANKS, "Às ordens!", based_on=0)
    save(texts, THANKS, "Às ordens!", based_on=texts.versions("default", THANKS)[0].number)
    assert words(texts, THANKS)[0] == "Às ordens!"


def test_what_cannot_be_is_refused_and_nothing_is_kept(texts: ResponseStore) -> None:
    with pytest.raises(ConfigurationError, match="falta"):
        save(texts, "utter_link", "Pague pelo link")
    assert texts.versions("default", "utter_link") == []


def test_the_forms_question_is_the_queues_message(texts: ResponseStore, store: SettingsStore) -> None:
    save(texts, QUESTION, "Qual é o seu CPF?\nÉ só para achar a fatura.")
    assert QUEUE_SETTING.in_force(store, "default").message == "Qual é o seu CPF?"
    QUEUE_SETTING.save(store, "default", queue_setting.QueueSettings("CPF ou CNPJ, por favor:"), by="rui", at=NOW)
    assert words(texts, QUESTION) == ["CPF ou CNPJ, por favor:\nÉ só para achar a fatura."]
    save(texts, QUESTION, None)
    assert words(texts, QUESTION) == [OF_QUESTION["text"]]
    assert QUEUE_SETTING.in_force(store, "default").message == queue_setting.MESSAGE


class Interrupted(Exception):
    """The process dies here."""


@pytest.fixture
def interrupted(engine: Engine) -> Iterator[None]:
    """The database ends the transaction in which the queue's message is written, as a full disk would."""

    def refuse(connection: Any, cursor: Any, statement: str, *_: object) -> None:
        if statement.startswith(("INSERT INTO segunda_via_settings", "UPDATE segunda_via_settings")):
            raise Interrupted

    sa.event.listen(engine, "before_cursor_execute", refuse)
    yield
    sa.event.remove(engine, "before_cursor_execute", refuse)


def test_the_text_and_the_queues_message_are_saved_together_or_not_at_all(
    texts: ResponseStore, store: SettingsStore, engine: Engine, interrupted: None
) -> None:
    with pytest.raises(Interrupted):
        save(texts, QUESTION, "Qual é o seu CPF?")
    assert texts.versions("default", QUESTION) == []
    assert QUEUE_SETTING.in_force(store, "default").message == queue_setting.MESSAGE
    assert audit_trail.recent(engine, "default") == [], "what was not saved is not in the trail"


def test_a_queue_message_that_cannot_be_keeps_the_text_from_being_saved(
    texts: ResponseStore, store: SettingsStore
) -> None:
    QUEUE_SETTING.save(store, "default", queue_setting.QueueSettings("CPF?"), by="rui", at=NOW)
    with pytest.raises(ConfigurationError):
        save(texts, QUESTION, "\n")
    assert texts.versions("default", QUESTION) == []
    assert QUEUE_SETTING.in_force(store, "default").message == "CPF?"


def test_the_queues_message_alone_is_asked_with_the_domains_second_line(
    texts: ResponseStore, store: SettingsStore
) -> None:
    QUEUE_SETTING.save(store, "default", queue_setting.QueueSettings("Seu CPF?"), by="rui", at=NOW)
    assert words(texts, QUESTION) == ["Seu CPF?\n🔒 Somente para isso."]


@pytest.mark.parametrize("message", ["", "duas\n\nmensagens", "/restart", "{x]}", "{segunda_via_document}"])
def test_the_queues_message_is_held_to_the_same_rules(store: SettingsStore, message: str) -> None:
    with pytest.raises(ConfigurationError):
        QUEUE_SETTING.save(store, "default", queue_setting.QueueSettings(message), by="rui", at=NOW)


def test_what_the_domain_outgrew_falls_through_and_is_named() -> None:
    saved = SavedResponses({("utter_link", ""): "Pague aqui", ("utter_gone", ""): "Oi", (THANKS, "sms"): "Oi"})
    assert lay_over(RESPONSES, saved) == RESPONSES
    assert left_out(RESPONSES, saved) == ["utter_link", "utter_gone", THANKS]


async def test_the_doctor_says_when_the_saved_texts_do_not_count(tmp_path: Path) -> None:
    app = App(Environment(database_url=migrated_sqlite(tmp_path)), home=tmp_path)

    async def told() -> tuple[Level, str]:
        return next((each.level, each.detail) for each in await run(PROBES, app, "default") if each.subject == "texts")

    original = domain_file.responses()[THANKS][0]
    app.saved_responses.save("default", THANKS, original, "Disponha!", by="ana", at=NOW)
    assert await told() == (Level.OK, "1 texto(s) alterado(s) pela empresa")
    with app.engine.begin() as connection:
        connection.execute(sa.update(text_versions).values(response="utter_outgrown"))
    assert (await told())[0] is Level.WARNING
    with app.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE segunda_via_texts"))
    level, detail = await told()
    assert level is Level.FAILURE
    assert "os textos salvos não podem ser lidos" in detail
    await app.close()
