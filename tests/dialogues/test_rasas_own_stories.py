"""`tests/test_stories.yml` and the held-out sentences, as `rasa test` reads and runs them: by Rasa's own code."""

from __future__ import annotations

from pathlib import Path

from rasa.core import test as core
from rasa.core.agent import Agent
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.data import get_data_files, is_nlu_file
from ruamel.yaml import YAML

from scripts.processes import ROOT

STORIES = ROOT / "tests" / "test_stories.yml"


async def test_rasas_own_core_test_passes(agent: Agent, tmp_path: Path) -> None:
    result = await core.test(str(STORIES), agent, out_directory=str(tmp_path), e2e=True, disable_plotting=True)
    conversations = result["report"]["conversation_accuracy"]
    failed = tmp_path / "failed_test_stories.yml"
    assert conversations["correct"] == conversations["total"], failed.read_text("utf-8")
    assert conversations["total"] >= 40


def test_the_stories_are_what_rasa_test_finds_and_each_situation_has_one_name() -> None:
    assert get_data_files([str(ROOT / "tests")], YAMLStoryReader.is_test_stories_file) == [str(STORIES)]
    names = [each["story"] for each in YAML(typ="safe").load(STORIES)["stories"]]
    assert len(names) == len(set(names))


def test_the_held_out_sentences_are_what_rasa_test_nlu_reads() -> None:
    sentences = ROOT / "tests" / "nlu" / "sentences"
    assert set(get_data_files([str(sentences)], is_nlu_file)) == {str(each) for each in sentences.glob("*.yml")}
