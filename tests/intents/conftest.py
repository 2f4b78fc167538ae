"""A small project to teach, in databases of both kinds."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.engine import Engine
from support.clock import Clock

from segunda_via.intents.example_files import ExampleFiles
from segunda_via.intents.misunderstood_store import MisunderstoodStore
from segunda_via.intents.phrase_labels import PhraseLabels
from segunda_via.storage.keys import KeyRing

BOLETO = """version: "3.1"

nlu:
  - intent: pedir_segunda_via
    examples: |
      - cadê meu boleto?
      - segunda via
"""
TALK = """version: "3.1"

nlu:
  - intent: cumprimentar
    examples: |
      - oi
"""


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 25, 12, tzinfo=timezone.utc))


@pytest.fixture(scope="session")
def keys() -> KeyRing:
    return KeyRing(Fernet.generate_key().decode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    nlu = tmp_path / "data" / "nlu"
    nlu.mkdir(parents=True)
    (nlu / "segunda_via.yml").write_text(BOLETO, "utf-8")
    (nlu / "conversa.yml").write_text(TALK, "utf-8")
    return nlu


@pytest.fixture
def phrase_labels(engine: Engine, keys: KeyRing, clock: Clock, folder: Path) -> PhraseLabels:
    return PhraseLabels(engine, keys, clock, ExampleFiles(folder))


@pytest.fixture
def week(engine: Engine, keys: KeyRing, clock: Clock) -> MisunderstoodStore:
    return MisunderstoodStore(engine, keys, clock)
