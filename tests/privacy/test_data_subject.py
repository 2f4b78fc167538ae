"""“What do you hold on me?” and “erase it”, by phone or document, over every table and Rasa's conversations."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from sqlalchemy.engine import Engine
from support.person import COMPANY, Person, new_app, talks
from typer.testing import CliRunner

from segunda_via import clock
from segunda_via.app import App
from segunda_via.cli import app as commands
from segunda_via.errors import ConfigurationError
from segunda_via.privacy import data_subject
from segunda_via.storage import audit_trail, database, endpoints_file

ANA = Person("+554799990001", "52998224725", "Joaquina Xavier")
"""Of Brazil's phones that WhatsApp knows without their ninth digit."""
BETO = Person("+5511987654321", "11144477735", "Bartolomeu Quintanilha")


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Iterator[App]:
    """An application in which two people talked, on SQLite and PostgreSQL in turn."""
    monkeypatch.chdir(tmp_path)
    app = new_app(tmp_path, clock.now, database_url)
    for person in (ANA, BETO):
        talks(app, person)
    yield app
    app.engine.dispose()


def run(app: App, command: str, typed: str) -> Result:
    environ = {
        "SEGUNDA_VIA_DATABASE_URL": app.environment.database_url,
        "SEGUNDA_VIA_SECRET_KEY": (app.home / "secret.key").read_text("ascii"),
    }
    return CliRunner().invoke(commands, ["privacy", *command.split()], input=typed + "\n", env=environ)


def contents(app: App, person: Person) -> dict[str, int]:
    """How much every table, and Rasa, holds of them, found by reading all of it."""
    held = app.data_subject_requests.show(COMPANY, data_subject.read(person.phone), by="test")
    return {**held.rows, "events": sum(map(len, held.events.values()))}


def rows_naming(engine: Engine, *traces: str) -> set[str]:
    """The tables in which one of them stands, as it is."""
    found = set()
    with engine.connect() as connection:
        for table in database.metadata.sorted_tables:
            text = repr(connection.execute(sa.select(table)).all())
            found |= {table.name for trace in traces if trace in text}
    return found


@pytest.mark.parametrize(
    "typed",
    [
        "+55 47 99999-0001",
        "47 99999-0001",
        "(47) 9999-0001",
        "047 9 9999 0001",
        "5547999990001",
        "whatsapp:+554799990001",
    ],
)
def test_a_phone_is_found_in_any_usual_form(typed: str) -> None:
    assert data_subject.read(typed).is_in(ANA.conversation)
    assert data_subject.read(typed).is_in(Person("+5547999990001", number="whatsapp:+551140028922").conversation)
    assert not data_subject.read(typed).is_in(BETO.conversation)


@pytest.mark.parametrize("typed", ["529.982.247-25", "52998224725", " 529 982 247 25 ", "52998224725\n"])
def test_a_document_is_found_in_any_form(typed: str) -> None:
    asked = data_subject.read(typed)
    assert asked.is_named_in({"text": "cpf 529982247-25, obrigada"})
    assert asked.is_named_in({"data": ["529.982.247-25"]})
    assert not asked.is_named_in("152998224725")
    assert not asked.is_named_in("52998224726")
    assert asked == data_subject.read("529.982.247-25")


@pytest.mark.parametrize("typed", ["", "99999-0001", "529.982.247-26", "maria", "+", "whatsapp:"])
def test_what_is_neither_is_refused_in_words(typed: str) -> None:
    with pytest.raises(ConfigurationError, match="DDD"):
        data_subject.read(typed)


def test_eleven_digits_that_may_be_either_are_asked_about() -> None:
    both = "11987654374"
    with pytest.raises(ConfigurationError, match="pode ser um telefone e um CPF"):
        data_subject.read(both)
    assert data_subject.read(f"+55{both}").customer == "+551187654374"
    assert data_subject.read("119.876.543-74").document


def test_another_mobile_is_not_taken_for_the_landline_of_the_same_digits() -> None:
    assert not data_subject.read("47 9 3333-0001").is_in("whatsapp:+1:whatsapp:+554733330001")


def test_show_tells_how_much_and_no_content(app: App) -> None:
    told = run(app, "show", "47 99999-0001")
    assert told.exit_code == 0, told.output
    assert re.search(r"^Protocolo LGPD-\d{8}-[A-Z2-9]{6}, telefone …0001$", told.output, re.MULTILINE)
    assert "     1  atendimentos: conversa" in told.output
    assert "     4  a conversa inteira" in told.output
    assert not any(trace in told.output for trace in (ANA.document, ANA.phone, ANA.name))
    assert "Não se pode procurar por pessoa" in told.output
    assert "Nada está guardado." in run(app, "show", "+55 21 98888-7777").output


def test_export_holds_everything_of_one_person_and_nothing_of_another(app: App, tmp_path: Path) -> None:
    told = run(app, "export --file titular.json", ANA.phone)
    assert told.exit_code == 0, told.output
    file = tmp_path / "titular.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text("utf-8")
    assert all(trace not in text for trace in (BETO.phone, BETO.document, BETO.name))
    content = json.loads(text)
    assert content["protocolo"] in told.output
    assert {table.removeprefix("segunda_via_") for table in content["registros"]} == {
        "tickets", "ticket_events", "jobs", "shown_choices", "sent_messages", "message_statuses",
        "ticket_completions", "offers", "late_deliveries", "lookups", "metric_events",
    }  # fmt: skip
    (events,) = content["conversas"].values()
    assert [event["event"] for event in events] == ["session_started", "user", "slot", "bot"]
    bodies = [row["content"] for row in content["registros"]["segunda_via_jobs"]]
    assert ANA.document in str(bodies), "what is encrypted is told opened"
    assert "gAAAA" not in text
    assert run(app, "export --file titular.json", ANA.phone).exit_code != 0, "no file is written over"


def test_without_a_file_the_protocol_names_it(app: App, tmp_path: Path) -> None:
    told = run(app, "export", ANA.document)
    (file,) = tmp_path.glob("LGPD-*.json")
    assert file.stem in told.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("typed", [ANA.phone, "529.982.247-25"])
def test_erase_leaves_nothing_of_one_person_and_everything_of_another(app: App, typed: str) -> None:
    others, figures = contents(app, BETO), app.stats.today(COMPANY)
    told = run(app, "erase", f"{typed}\ns")
    assert told.exit_code == 0, told.output
    assert not any(contents(app, ANA).values())
    assert contents(app, BETO) == others
    assert rows_naming(app.engine, ANA.phone, ANA.document, ANA.name, ANA.sid) == set()
    assert app.stats.today(COMPANY) == figures, "the figures stay, without anybody"
    with endpoints_file.conversations(app.keys) as kept:
        assert kept is not None
        assert kept.ids() == [BETO.conversation]


def test_nothing_is_erased_without_a_yes(app: App) -> None:
    before = contents(app, ANA)
    assert run(app, "erase", f"{ANA.phone}\nn").exit_code == 1
    assert contents(app, ANA) == before


def test_every_answer_is_in_the_trail_by_its_protocol_and_names_nobody(app: App) -> None:
    answers = [run(app, "show", ANA.phone), run(app, "export", ANA.phone), run(app, "erase", f"{ANA.phone}\ns")]
    protocols = [re.search(r"LGPD-\w+-\w+", answer.output) for answer in answers]
    trail = [(entry.event, entry.detail) for entry in reversed(audit_trail.recent(app.engine, COMPANY))]
    shown, exported, erased = (found[0] for found in protocols if found)
    assert trail == [
        ("privacy shown", shown),
        ("privacy exported", exported),
        ("privacy shown", erased),
        ("privacy erased", erased),
    ]


def test_a_ticket_for_which_somebody_waits_stays_until_it_is_over(app: App) -> None:
    app.tickets.open(COMPANY, ANA.conversation, "77")
    app.tickets.hand_over(COMPANY, ANA.conversation, "falar_com_atendente", "…", "77")
    told = run(app, "erase", f"{ANA.phone}\ns")
    assert "Fica o atendimento 77" in told.output
    left = contents(app, ANA)
    assert {table: number for table, number in left.items() if number} == {
        "segunda_via_tickets": 1,
        "segunda_via_ticket_events": 3,
        "segunda_via_human_takeovers": 1,
    }
    assert app.human_takeover.is_silenced(COMPANY, ANA.conversation)
    run(app, "erase --open-tickets", f"{ANA.phone}\ns")
    assert not any(contents(app, ANA).values())


def test_a_company_that_had_two_numbers_is_searched_in_both(app: App) -> None:
    talks(app, Person(ANA.phone, ANA.document, ANA.name, number="whatsapp:+551140028922"))
    held = app.data_subject_requests.show(COMPANY, data_subject.read(ANA.phone), by="test")
    assert len(held.whose.conversations) == 2
    run(app, "erase", f"{ANA.phone}\ns")
    assert not any(contents(app, ANA).values())


def test_of_a_conversation_with_another_document_only_what_names_the_one_is_exported(app: App, tmp_path: Path) -> None:
    """A son who asks for his mother's invoice, and then for his own."""
    with endpoints_file.conversations(app.keys) as kept:
        assert kept is not None
        kept.append(BETO.conversation, [{"event": "user", "timestamp": 1.0, "text": f"e o {ANA.document}?"}])
    told = run(app, "export --file mae.json", ANA.document)
    assert "Em 1 delas há também outro documento" in told.output
    text = (tmp_path / "mae.json").read_text("utf-8")
    assert not any(trace in text for trace in (BETO.document, BETO.name))
    content = json.loads(text)
    assert [event["text"] for event in content["conversas"][BETO.conversation]] == [f"e o {ANA.document}?"]


def test_where_it_cannot_be_known_what_rasa_keeps_nothing_is_claimed(app: App, tmp_path: Path) -> None:
    (tmp_path / "endpoints.yml").unlink()
    told = run(app, "show", ANA.phone)
    assert isinstance(told.exception, ConfigurationError)
    assert audit_trail.recent(app.engine, COMPANY) == []
    (tmp_path / "endpoints.yml").write_text("tracker_store:\n  type: redis\n", "utf-8")
    assert "o tracker_store do Rasa (redis)" in run(app, "show", ANA.phone).output
