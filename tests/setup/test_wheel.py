"""The plugin as it is installed elsewhere: it brings along whatever it reads, and nothing of the assistant's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from scripts.processes import ROOT, Server, Servers, any_port

pytestmark = pytest.mark.slow

NOT_READ = {".mako"}
"""Only `alembic revision` reads that, in the repository."""

USE = """
import importlib.util, segunda_via
from segunda_via.storage import database
from segunda_via.web import static_files
from segunda_via.web.rendering import environment

assert segunda_via.__file__.startswith({folder!r}), segunda_via.__file__
assert not [name for name in ("actions", "sandbox", "scripts") if importlib.util.find_spec(name)]
engine = database.connect("sqlite:///made.db")
with engine.connect() as connection:
    assert connection.execute("SELECT count(*) FROM segunda_via_operators").scalar() == 0
for name in environment().list_templates():
    environment().get_template(name)
assert {{each.name for each in static_files.FOLDER.iterdir()}} >= {{"screen.css", "screen.js"}}
print("ok", len(environment().list_templates()))
"""

BOT = {
    "config.yml": """
recipe: default.v1
assistant_id: another_bot
language: pt
importers:
  - name: RasaFileImporter
  - name: segunda_via.rasa_plugin.importer.SegundaViaImporter
pipeline:
  - name: segunda_via.rasa_plugin.nlu.document_extractor.DocumentExtractor
  - name: segunda_via.rasa_plugin.nlu.intent_classifier.SegundaViaIntentClassifier
  - name: FallbackClassifier
    threshold: 0.5
  - name: segunda_via.rasa_plugin.nlu.certain_intent.CertainIntent
policies:
  - name: RulePolicy
  - name: segunda_via.rasa_plugin.policies.failure_policy.SpokenFailurePolicy
  - name: segunda_via.rasa_plugin.policies.late_delivery_policy.LateDeliveryPolicy
  - name: segunda_via.rasa_plugin.policies.own_turns_policy.OwnTurnsPolicy
  - name: segunda_via.rasa_plugin.policies.human_takeover_policy.HumanTakeoverPolicy
""",
    "domain.yml": """
version: "3.1"
intents: [pedir_pizza]
responses:
  utter_pizza: [{text: "Já vai!"}]
""",
    "data/pizza.yml": """
version: "3.1"
nlu:
  - intent: pedir_pizza
    examples: |
      - quero uma pizza
      - pizza de calabresa
      - me vê uma pizza grande
rules:
  - rule: pizza
    steps:
      - intent: pedir_pizza
      - action: utter_pizza
""",
    "actions/__init__.py": "import segunda_via.actions\n",
    "credentials.yml": "rest:\n",
}
"""Another bot, in a folder of its own."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for package in ("segunda_via", "actions", "sandbox"):
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = f"from setuptools.build_meta import build_wheel; build_wheel({str(folder)!r})"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@dataclass(frozen=True)
class Environment:
    """A virtual environment that has the libraries of this one, and Segunda Via from the wheel alone."""

    folder: Path

    @property
    def python(self) -> str:
        return str(self.folder / "bin" / "python")

    @property
    def packages(self) -> Path:
        return next(self.folder.glob("lib/python*/site-packages"))

    def run(self, *arguments: str, cwd: Path, **variables: str) -> str:
        done = subprocess.run(
            [self.python, *arguments],
            cwd=cwd,
            env={**clean(), **variables},
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def clean() -> dict[str, str]:
    ours = ("SEGUNDA_VIA_", "TWILIO_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    made = Environment(tmp_path_factory.mktemp("environment"))
    subprocess.run([sys.executable, "-m", "venv", str(made.folder)], check=True, capture_output=True)
    made.run("-m", "pip", "install", "--quiet", "--no-index", "--no-deps", str(wheel), cwd=made.folder)
    # A folder named like this is searched, but no .pth file in it is read: nothing points to the repository.
    (made.packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    return made


def test_every_file_of_the_plugin_is_installed_and_nothing_of_the_assistant(installed: Environment) -> None:
    wanted = {
        path.relative_to(ROOT)
        for path in (ROOT / "segunda_via").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in NOT_READ
    }
    found = {path.relative_to(installed.packages) for path in installed.packages.rglob("*") if path.is_file()}
    assert wanted - found == set()
    assert not [path for path in found if path.parts[0] in {"actions", "sandbox", "data", "domain.yml"}]


def test_what_is_installed_migrates_a_database_and_finds_its_pages(installed: Environment, tmp_path: Path) -> None:
    assert installed.run("-c", USE.format(folder=str(installed.folder)), cwd=tmp_path).startswith("ok")


@pytest.fixture
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The simulated gateways, from the repository."""
    with Servers(tmp_path_factory.mktemp("log")) as servers:
        port = any_port()
        server = servers.start("sandbox", [sys.executable, "-m", "sandbox", "--port", str(port)], port, clean())
        server.wait()
        yield server


def test_another_bot_in_an_empty_folder_delivers_a_boleto(
    installed: Environment, gateway: Server, tmp_path: Path
) -> None:
    for name, text in BOT.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    actions_port, rasa_port, public_port = any_port(), any_port(), any_port()
    (tmp_path / "endpoints.yml").write_text(f"action_endpoint: {{url: 'http://127.0.0.1:{actions_port}/webhook'}}\n")
    installed.run("-m", "rasa", "train", cwd=tmp_path)
    told = {
        **clean(),
        "SEGUNDA_VIA_GATEWAY": "asaas",
        "SEGUNDA_VIA_CREDENTIALS": json.dumps(gateway.read("/health")["gateways"]["asaas"]),
        "SEGUNDA_VIA_PUBLIC_URL": f"http://127.0.0.1:{public_port}",
    }
    with Servers(tmp_path / "log", tmp_path) as servers:
        command = [installed.python, "-m", "rasa_sdk", "--actions", "actions", "--port", str(actions_port)]
        actions = servers.start("actions", command, actions_port, told)
        command = [installed.python, "-m", "rasa", "run", "--interface", "127.0.0.1", "--port", str(rasa_port)]
        rasa = servers.start("rasa", command, rasa_port, told)
        command = [str(installed.folder / "bin" / "segunda-via"), "serve", "--port", str(public_port)]
        public = servers.start("public", command, public_port, told)
        actions.wait()
        public.wait("/health/live")
        rasa.wait("/", seconds=180)

        def says(text: str) -> list[dict[str, str]]:
            message = {"sender": "ana", "message": text}
            answer = httpx.post(f"{rasa.address}/webhooks/rest/webhook", json=message, timeout=60)
            return [dict(each) for each in answer.json()]

        assert [each["text"] for each in says("quero uma pizza")] == ["Já vai!"]
        assert says("preciso da segunda via do boleto")[0]["text"].startswith("Digite seu CPF ou CNPJ")
        who = next(each for each in gateway.read("/personas") if "nada vencido" in each["shows"])
        invoice, pix, line, picture, paper = says(f"é {who['document']}")[:5]
        assert invoice["text"].startswith("📄 Fatura")
        assert pix["text"].startswith("000201")
        assert sum(character.isdigit() for character in line["text"]) == 47
        assert httpx.get(picture["image"]).content.startswith(b"\x89PNG")
        assert httpx.get(paper["attachment"]).content.startswith(b"%PDF-")
    listed = installed.run(str(installed.folder / "bin" / "segunda-via"), "tickets", "list", cwd=tmp_path)
    assert "finalizado" in listed
