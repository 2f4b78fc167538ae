"""A running server and the models that come to stand beside the one it uses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from segunda_via.rasa_plugin.patches.model_reload import ModelReload, newest


class Agent:
    """Keeps what it was told to load, and whether that is possible."""

    def __init__(self) -> None:
        self.loaded: list[str] = []

    def load_model(self, model_path: str) -> None:
        if Path(model_path).read_bytes() == b"broken":
            raise ValueError(model_path)
        self.loaded.append(Path(model_path).name)


def write(folder: Path, name: str, at: int, content: bytes = b"model") -> Path:
    path = folder / name
    path.write_bytes(content)
    os.utime(path, (at, at))
    return path


@pytest.fixture
def agent() -> Agent:
    return Agent()


@pytest.fixture
def renewal(tmp_path: Path, agent: Agent) -> ModelReload:
    write(tmp_path, "old.tar.gz", 100)
    return ModelReload(agent, tmp_path, newest(tmp_path))


async def looks(renewal: ModelReload, times: int = 3) -> list[bool]:
    return [await renewal.look() for _ in range(times)]


async def test_what_stood_there_at_the_start_is_left_alone(renewal: ModelReload, agent: Agent) -> None:
    assert await looks(renewal) == [False] * 3
    assert agent.loaded == []


async def test_a_new_model_is_loaded_once(renewal: ModelReload, agent: Agent, tmp_path: Path) -> None:
    write(tmp_path, "new.tar.gz", 200)
    (tmp_path / "old.tar.gz").unlink()  # as `make train` does
    assert await looks(renewal) == [False, True, False]
    assert agent.loaded == ["new.tar.gz"]


async def test_the_same_file_trained_again_is_new(renewal: ModelReload, agent: Agent, tmp_path: Path) -> None:
    write(tmp_path, "old.tar.gz", 300)
    assert await looks(renewal) == [False, True, False]


async def test_a_model_that_is_still_being_written_is_waited_for(
    renewal: ModelReload, agent: Agent, tmp_path: Path
) -> None:
    for size in range(1, 4):
        write(tmp_path, "new.tar.gz", 200, b"x" * size)
        assert not await renewal.look()
    assert await renewal.look()


async def test_a_model_that_cannot_be_loaded_leaves_the_old_one_and_is_told_of_once(
    renewal: ModelReload, agent: Agent, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, "new.tar.gz", 200, b"broken")
    assert await looks(renewal, 5) == [False] * 5
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    write(tmp_path, "newer.tar.gz", 300)
    assert await looks(renewal) == [False, True, False]
    assert agent.loaded == ["newer.tar.gz"]


async def test_a_folder_that_is_not_there_yet_holds_no_model(agent: Agent, tmp_path: Path) -> None:
    renewal = ModelReload(agent, tmp_path / "models", newest(tmp_path / "models"))
    assert not await renewal.look()
    (tmp_path / "models").mkdir()
    write(tmp_path / "models", "first.tar.gz", 100)
    assert await looks(renewal, 2) == [False, True]
