"""What a lost machine had is there again, and answers; and nothing is replaced by mistake."""

from __future__ import annotations

import json
import stat
import tarfile
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from support.databases import new_database
from typer.testing import CliRunner
from web.operator import document

from sandbox.server import RunningSandbox
from segunda_via import cli
from segunda_via.app import App
from segunda_via.errors import BackupError
from segunda_via.operations import dry_run
from segunda_via.operations.backup import archive, copying, restoring
from segunda_via.settings import gateway as saving
from segunda_via.settings.environment import Environment
from segunda_via.storage import conversation_events
from segunda_via.storage.endpoints_file import ENCRYPTED
from segunda_via.storage.keys import KeyRing

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
KEY, OTHER = (Fernet.generate_key().decode() for _ in range(2))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox() as running:
        yield running


class Machine:
    """A folder with `endpoints.yml`, a database, and the key."""

    def __init__(self, folder: Path, url: str, key: str = KEY) -> None:
        folder.mkdir(exist_ok=True)
        self.url, self.endpoints, self.key = url, folder / "endpoints.yml", key
        self.conversations = f"sqlite:///{folder}/tracker.db" if url.startswith("sqlite") else url
        self.endpoints.write_text(f"tracker_store: {{type: {ENCRYPTED}, url: '{self.conversations}'}}\n")
        self.app = App(Environment.read(self.variables), home=folder, now=lambda: NOON)

    @property
    def variables(self) -> dict[str, str]:
        return {"SEGUNDA_VIA_DATABASE_URL": self.url, "SEGUNDA_VIA_SECRET_KEY": self.key}

    def lives(self, sandbox: RunningSandbox) -> None:
        """A gateway, an open ticket, a conversation, and what waits to be sent and to be told to the desk."""
        credentials = sandbox.credentials("asaas")
        saving.save(self.app.settings, "default", "asaas", credentials, None, by="maria", at=NOON)
        self.app.tickets.open("default", "ana", "481")
        self.events().append("ana", [{"event": "bot", "text": "Olá!", "timestamp": 1.0}])
        self.app.outbox.put("ana", "SM1-0", "text", {"body": "o boleto de ontem"})
        self.app.desk_queue.put("481", "481-opened", "opened", {"ticket": "481"})

    def events(self) -> conversation_events.ConversationEvents:
        return conversation_events.connect(sa.engine.make_url(self.conversations), KeyRing(self.key))

    def backup(self, path: Path) -> Path:
        return copying.make(self.app.engine, self.app.keys, self.endpoints, path, NOON)

    def restore(self, path: Path, *, replace: bool = False, keep_queues: bool = False) -> restoring.Restored:
        return restoring.restore(
            path, self.url, self.app.keys, self.endpoints, NOON, replace=replace, keep_queues=keep_queues
        )


@pytest.fixture(params=["sqlite", "postgresql"])
def machines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Machine, Machine]]:
    """The one that is lost, and an empty one."""
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    with (
        new_database(request.param, tmp_path / "old", migrated=True) as old,
        new_database(request.param, tmp_path / "new") as new,
    ):
        yield Machine(tmp_path / "old", old), Machine(tmp_path / "new", new)


async def test_a_lost_machine_is_there_again_and_answers(
    machines: tuple[Machine, Machine], sandbox: RunningSandbox, tmp_path: Path
) -> None:
    old, new = machines
    old.lives(sandbox)
    copy = old.backup(tmp_path)
    assert copy.name == "segunda-via-20261123T120000Z.tar.gz"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert KEY.encode() not in copy.read_bytes()
    done = new.restore(copy)
    assert (done.databases, done.cancelled) == (2, 1)
    found = await dry_run.run(new.app, "default", "maria", document(sandbox))
    assert found.delivery.outcome.is_delivered
    assert "Fatura" in found.bubbles[0].content
    entry = new.app.journal.entry("default", "481")
    assert entry is not None
    assert entry.ticket.conversation_id == "ana"
    assert new.events().ids() == ["ana"]
    assert new.app.outbox.take("w") == [], "yesterday's boleto is not sent today"
    assert [job.kind for job in new.app.desk_queue.take("w")] == ["opened"]
    new.app.tickets.open("default", "bia", "482")
    new.events().append("bia", [{"event": "bot", "text": "Oi!", "timestamp": 2.0}])
    assert sorted(new.events().ids()) == ["ana", "bia"], "numbers go on where they were"
    assert old.app.outbox.take("w"), "the copy changed nothing"
    for machine in machines:
        await machine.app.close()


def test_a_planned_move_goes_on_with_what_waited(
    machines: tuple[Machine, Machine], sandbox: RunningSandbox, tmp_path: Path
) -> None:
    old, new = machines
    old.lives(sandbox)
    assert new.restore(old.backup(tmp_path), keep_queues=True).cancelled == 0
    assert [job.payload["body"] for job in new.app.outbox.take("w")] == ["o boleto de ontem"]


def test_what_is_there_is_replaced_only_when_told_and_then_whole(
    machines: tuple[Machine, Machine], sandbox: RunningSandbox, tmp_path: Path
) -> None:
    old, new = machines
    old.lives(sandbox)
    copy = old.backup(tmp_path)
    new.app.tickets.open("default", "caio", "900")
    with sa.create_engine(new.url).begin() as connection:  # as a later version would have it
        connection.execute(sa.text("CREATE TABLE segunda_via_of_tomorrow (id INTEGER)"))
    with pytest.raises(BackupError, match=r"já há dados em segunda_via: nada foi mudado.*--replace"):
        new.restore(copy)
    assert new.app.journal.entry("default", "900") is not None
    new.restore(copy, replace=True)
    assert new.app.journal.entry("default", "900") is None
    assert new.app.journal.entry("default", "481") is not None
    assert "segunda_via_of_tomorrow" not in sa.inspect(sa.create_engine(new.url)).get_table_names()


def test_tables_of_others_stay(sandbox: RunningSandbox, tmp_path: Path) -> None:
    with new_database("postgresql", tmp_path, migrated=True) as url:
        machine = Machine(tmp_path, url)
        machine.lives(sandbox)
        with machine.app.engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE of_the_host AS SELECT 7 AS told"))
        copy = machine.backup(tmp_path)
        with machine.app.engine.begin() as connection:
            connection.execute(sa.text("UPDATE of_the_host SET told = 8"))
        machine.app.engine.dispose()
        machine.restore(copy, replace=True)
        with machine.app.engine.connect() as connection:
            assert connection.execute(sa.text("SELECT told FROM of_the_host")).scalar() == 8


def changed(copy: Path, to: Path, **manifest: object) -> Path:
    """That archive with another manifest."""
    folder = to.parent / to.stem
    folder.mkdir()
    with tarfile.open(copy) as tar:
        for member in tar.getmembers():
            (folder / member.name).write_bytes(tar.extractfile(member).read())  # type: ignore[union-attr]
    told = {**json.loads((folder / archive.MANIFEST).read_text()), **manifest}
    (folder / archive.MANIFEST).write_text(json.dumps(told))
    with tarfile.open(to, "w:gz") as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, path.name)
    return to


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        ({"revision": "9999", "version": "7.0"}, r"versão mais nova \(7.0\)"),
        ({"format": 2}, "formato que esta versão não conhece"),
        ({"key": "0" * 64}, "outra chave secreta"),
        ({"databases": {"../../etc/cron.d/x": "sqlite"}}, "não é uma cópia"),
        ({"databases": {"segunda_via": "postgresql"}}, "de um banco postgresql, e aqui não há"),
    ],
)
def test_what_does_not_fit_is_refused(
    manifest: dict[str, object], says: str, sandbox: RunningSandbox, tmp_path: Path
) -> None:
    old, new = (
        Machine(tmp_path / "a", f"sqlite:///{tmp_path}/a/x.db"),
        Machine(tmp_path / "b", f"sqlite:///{tmp_path}/b/x.db"),
    )
    old.lives(sandbox)
    copy = changed(old.backup(tmp_path), tmp_path / "changed.tar.gz", **manifest)
    with pytest.raises(BackupError, match=says):
        new.restore(copy)
    assert not (tmp_path / "b" / "x.db").exists(), "nothing was made"


@pytest.mark.parametrize("damage", ["cut", "garbled", "no archive", "missing"])
def test_a_damaged_copy_is_refused_before_anything_is_written(
    damage: str, sandbox: RunningSandbox, tmp_path: Path
) -> None:
    old, new = (
        Machine(tmp_path / "a", f"sqlite:///{tmp_path}/a/x.db"),
        Machine(tmp_path / "b", f"sqlite:///{tmp_path}/b/x.db"),
    )
    old.lives(sandbox)
    copy = old.backup(tmp_path)
    content = copy.read_bytes()
    if damage == "missing":
        copy.unlink()
    else:
        half = len(content) // 2
        garbled = content[:half] + bytes(100) + content[half + 100 :]
        copy.write_bytes({"cut": content[:half], "garbled": garbled, "no archive": b"hello"}[damage])
    with pytest.raises(BackupError, match=r"danificada|não existe"):
        new.restore(copy)
    assert not (tmp_path / "b" / "x.db").exists()


def test_a_copy_never_takes_the_place_of_another(sandbox: RunningSandbox, tmp_path: Path) -> None:
    machine = Machine(tmp_path / "a", f"sqlite:///{tmp_path}/a/x.db")
    copy = machine.backup(tmp_path)
    before = copy.read_bytes()
    with pytest.raises(BackupError, match="já existe"):
        machine.backup(copy)
    assert copy.read_bytes() == before
    with pytest.raises(BackupError, match="a pasta não existe"):
        machine.backup(tmp_path / "nowhere" / "x.tar.gz")
    assert list(tmp_path.glob(".segunda-via-*")) == [], "nothing half made is left"


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    for day in range(5):
        (tmp_path / archive.name_at(NOON + timedelta(days=day))).touch()
    (tmp_path / "segunda-via-da-maria.txt").touch()
    assert copying.thin_out(tmp_path, 2) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "segunda-via-20261126T120000Z.tar.gz", "segunda-via-20261127T120000Z.tar.gz", "segunda-via-da-maria.txt",
    ]  # fmt: skip


def test_the_commands(sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(tmp_path / "a", f"sqlite:///{tmp_path}/a/x.db")
    machine.lives(sandbox)
    for name, value in machine.variables.items():
        monkeypatch.setenv(name, value)
    told = ["--endpoints", str(machine.endpoints)]
    made = CliRunner().invoke(cli.app, ["backup", str(tmp_path), *told])
    assert made.exit_code == 0, made.output
    assert "guarde a chave em outro lugar" in made.output
    assert KEY not in made.output
    (copy,) = tmp_path.glob("*.tar.gz")
    refused = CliRunner().invoke(cli.app, ["restore", str(copy), *told])
    assert isinstance(refused.exception, BackupError)
    restored = CliRunner().invoke(cli.app, ["restore", str(copy), "--replace", *told])
    assert restored.exit_code == 0, restored.output
    assert "1 mensagem(ns)" in restored.output


def test_without_its_key_a_new_machine_makes_none_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEGUNDA_VIA_SECRET_KEY", "")
    (tmp_path / "x.tar.gz").touch()
    refused = CliRunner().invoke(cli.app, ["restore", "x.tar.gz"])
    assert isinstance(refused.exception, BackupError)
    assert "falta a chave" in str(refused.exception)
    assert not (tmp_path / "var" / "secret.key").exists()
