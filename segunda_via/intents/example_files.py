"""New phrasings, by the operator: one more example among the bot's, written by lines so that comments stay as they are.

Knows where the examples of an intent stand (a file by theme, one `examples: |` block an intent, sorted by their words,
so that a neighbour that says almost the same is seen), those that the skill brings, and what may not be there:
anybody's data, the same words twice, or the same words with two intents. One writes at a time, whatever the process.
Raises ConfigurationError, whose one line (Brazilian Portuguese) is for the operator and never repeats the phrase.
Training is the caller's.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from segunda_via import skill
from segunda_via.boletos import documents
from segunda_via.boletos.plain_text import without_accents
from segunda_via.errors import ConfigurationError, ExamplesReadOnly

LONGEST = 300
APART = Path("var", "nlu")
"""Where a bot without a folder `data` has what it was taught, relative to its own folder; the importer reads it."""

_SECTION = re.compile(r"(\w+):.*")
_ITEM = re.compile(r"( *)- (\w+): *(.*\S)?\s*")
_EXAMPLES = re.compile(r" +examples: *[|>][+-]?\s*")
_EXAMPLE = re.compile(r" +- (.*\S)\s*")
_SOMEBODYS = re.compile(r"(?:\d[\s.,/-]*){5,}|@|://")

_MARKUP = re.compile(r"\][({]|[\x00-\x1f\x7f-\x9f]")
"""Entities as Rasa writes them in examples, and what YAML does not take."""


@dataclass(frozen=True)
class Example:
    text: str
    intent: str
    file: Path
    line: int
    """From 0."""


@dataclass(frozen=True)
class ExampleFiles:
    """The examples that a bot learns: its own, and those that come with the skill."""

    folder: Path
    """The bot's, where new examples are written; files of folders in it are read too."""
    read_only: tuple[Path, ...] = ()
    """Other folders: examples in the installed package are never touched."""
    may_begin: bool = False
    """Whether the bot's folder is made for the first example."""

    def all(self) -> list[Example]:
        """Every example, by folder and file, in their order."""
        return [*self._own(), *(each for folder in self.read_only for each in _of_folder(folder))]

    def intents(self) -> list[str]:
        return sorted({each.intent for each in self.all()})

    def add(self, phrase: str, intent: str) -> Path | None:
        """Write `phrase` where it belongs among the bot's examples of `intent`; None when it was already there.

        Returns the file. It is replaced whole, so that a training that runs meanwhile reads the old one or the new one.
        Where all other examples of the intent are read-only, it begins a file, named after the intent.
        """
        text = checked(phrase)
        if self.may_begin:
            with _writable():
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(self.folder):
            known = self.all()
            if not any(each.intent == intent for each in known):
                raise ConfigurationError(f"intenção desconhecida; use uma destas: {', '.join(self.intents())}")
            for each in known:
                if same_words(each.text) == same_words(text):
                    if each.intent == intent:
                        return None
                    there = f"{each.file.name}, como {each.intent}"
                    raise ConfigurationError(
                        f"a frase já está em {there}: escreva de outro modo, ou remova-a de lá antes"
                    )
            own = [each for each in self._own() if each.intent == intent]
            return _insert(text, own) if own else _begin(text, intent, self.folder)

    def remove(self, phrase: str, intent: str) -> bool:
        """Take `phrase`, as it is written there, out of the bot's examples of `intent`; False when it is not there."""
        with _alone(self.folder):
            for each in self._own():
                if (each.text, each.intent) == (phrase, intent):
                    written = each.file.read_text(encoding="utf-8")
                    if written == _begun(phrase, intent):  # Rasa refuses an intent without examples
                        _delete(each.file)
                    else:
                        lines = written.splitlines(keepends=True)
                        del lines[each.line]
                        _replace(each.file, lines)
                    return True
        return False

    def _own(self) -> Sequence[Example]:
        return _of_folder(self.folder)


def of_project(project: Path) -> ExampleFiles:
    """The examples of the bot in the folder `project`, and the skill's."""
    data = project / "data"
    if (data / "nlu").is_dir():
        return ExampleFiles(data / "nlu", (skill.NLU,))
    if data.is_dir():
        return ExampleFiles(data, (skill.NLU,))
    if (project / "config.yml").is_file():  # a bot whose examples stand elsewhere
        return ExampleFiles(project / APART, (skill.NLU,), may_begin=True)
    return ExampleFiles(data / "nlu", (skill.NLU,))  # no bot here: it says so when something is to be written


def taught_apart(project: Path) -> list[Path]:
    """The folder of what was taught to a bot that has no `data`, if there is one: Rasa is not told of it otherwise."""
    apart = project / APART
    return [apart] if apart.is_dir() else []


def _of_folder(folder: Path) -> list[Example]:
    files = sorted(path for ending in ("*.yml", "*.yaml") for path in folder.rglob(ending))
    return [each for file in files for each in _read(file)]


def _read(file: Path) -> Iterator[Example]:
    """The examples below `nlu:`, whatever else the file holds and however it is indented."""
    section = intent = ""
    deep = -1  # where the items of the section begin
    reading = False
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines()):
        if named := _SECTION.fullmatch(line):
            section, intent, deep, reading = named[1], "", -1, False
        elif section != "nlu":
            continue
        elif (item := _ITEM.fullmatch(line)) and (deep < 0 or len(item[1]) <= deep):
            deep, reading = len(item[1]), False
            intent = item[3] or "" if item[2] == "intent" else ""
        elif _EXAMPLES.fullmatch(line):
            reading = bool(intent)
        elif reading and (said := _EXAMPLE.fullmatch(line)):
            yield Example(said[1], intent, file, number)


def _insert(text: str, examples: Sequence[Example]) -> Path:
    last = examples[-1]
    block = [each for each in examples if each.file == last.file]
    place = next((each.line for each in block if order(each.text) > order(text)), last.line + 1)
    lines = last.file.read_text(encoding="utf-8").splitlines(keepends=True)
    indented = lines[last.line][: lines[last.line].index("-")]
    lines.insert(place, f"{indented}- {text}\n")
    _replace(last.file, lines)
    return last.file


def _begin(text: str, intent: str, folder: Path) -> Path:
    file = folder / f"{intent}.yml"
    if file.exists():
        raise ConfigurationError(f"{file.name} já existe e não é lido aqui: acrescente a frase nele à mão")
    _replace(file, [_begun(text, intent)])
    return file


def _begun(text: str, intent: str) -> str:
    return f'version: "3.1"\n\nnlu:\n  - intent: {intent}\n    examples: |\n      - {text}\n'


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        raise ExamplesReadOnly("este servidor não tem a pasta data/nlu: exemplos não podem ser mudados aqui") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(file: Path, lines: Sequence[str]) -> None:
    whole = file.with_name(f".{file.name}.new")
    with _writable():
        whole.write_text("".join(lines), encoding="utf-8")
        whole.replace(file)


def _delete(file: Path) -> None:
    with _writable():
        file.unlink()


@contextmanager
def _writable() -> Iterator[None]:
    try:
        yield
    except OSError:
        raise ExamplesReadOnly(
            "a pasta data/nlu deste servidor é somente leitura: os exemplos não podem ser mudados aqui"
        ) from None


def order(text: str) -> tuple[str, str]:
    """What examples are sorted by: the words, then how they are written; what has no words, such as emoji, is last."""
    return same_words(text), text


def checked(phrase: str) -> str:
    """`phrase` in single spaces; ConfigurationError when it cannot be an example or seems to hold anybody's data."""
    text = " ".join(phrase.split())
    if not text or len(text) > LONGEST:
        raise ConfigurationError(f"a frase deve ter de 1 a {LONGEST} caracteres")
    if _SOMEBODYS.search(text) or documents.find(text):
        raise ConfigurationError("a frase parece ter dados de alguém (números, e-mail ou link): escreva sem eles")
    if _MARKUP.search(text):
        raise ConfigurationError("a frase tem sinais que o Rasa leria como marcação: escreva só as palavras")
    return text


@lru_cache(maxsize=32_768)
def same_words(text: str) -> str:
    """Case, accents and punctuation aside; text without any letter or digit, such as emoji, is itself."""
    return " ".join(re.findall(r"\w+", without_accents(text.lower()))) or text
