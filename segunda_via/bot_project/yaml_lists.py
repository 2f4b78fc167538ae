"""Edits the lists of a YAML file as text, line by line: comments and formatting stay as the bot's developer wrote them.

ruamel.yaml tells where things stand; writing with it would indent and quote the whole file its own way. Whatever was
edited is read again and compared with what it should hold, so a file that is too unusual is refused, never damaged.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from segunda_via.errors import ConfigurationError

Item = Mapping[str, Any]
_NOTHING_CONFIGURED = re.compile(r"\s*# # No configuration for ")
"""How the comment begins in which Rasa quotes the defaults that it trained a bot with."""
_NO_CONTENT = re.compile(r"\s*(#.*)?$")


class YamlLists:
    """The text of a YAML file whose top level is a mapping, and its lists; `name` is told in errors."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._lines = text.replace("\r\n", "\n").splitlines()
        self._read()

    @property
    def text(self) -> str:
        return "".join(f"{line}{self._newline}" for line in self._lines)

    def items(self, key: str) -> list[dict[str, Any]]:
        """The items of that list, as mappings; a plain name is its short form. Empty where there is no such list."""
        value = self._data.get(key) or []
        if not isinstance(value, list) or not all(isinstance(each, (dict, str)) for each in value):
            raise ConfigurationError(f"{self.name}: `{key}` deveria ser uma lista de itens com `name`")
        return [{"name": each} if isinstance(each, str) else dict(each) for each in value]

    def has(self, key: str) -> bool:
        """Whether that key holds something."""
        return bool(self._data.get(key))

    def value(self, key: str) -> Any:
        return self._data.get(key)

    def append(self, key: str, items: Sequence[Item], comment: str = "", before: str = "") -> None:
        """Write these items at the end of that list. One that is missing is made, above the key `before` if it can."""
        wanted, others = [*self.items(key), *items], self._others(key)
        if not self.has(key):
            self._fill(key, items, comment, before)
        else:
            if self._data[key].fa.flow_style():
                self._as_block(key)
            dash = self._dash(key)
            end = self._end(key)
            self._lines[end:end] = _written(items, dash, comment)
        self._verify(key, wanted, others)

    def move_to_end(self, key: str, places: Sequence[int]) -> None:
        """Write the items at these places behind all others, in the order given; each with its own lines."""
        before, others = self.items(key), self._others(key)
        wanted = [item for place, item in enumerate(before) if place not in places] + [before[each] for each in places]
        if self._data[key].fa.flow_style():
            self._as_block(key)
        starts = [self._start(key, place) for place in range(len(before))]
        ends = [*starts[1:], self._end(key)]
        moved = [line for place in places for line in self._lines[starts[place] : ends[place]]]
        end = ends[-1]
        gone = {number for place in places for number in range(starts[place], ends[place])}
        kept = [line for number, line in enumerate(self._lines[:end]) if number not in gone]
        self._lines[:end] = kept + moved
        self._verify(key, wanted, others)

    def set_option(self, key: str, place: int, option: str, value: Any) -> None:
        """Write an option behind the last of that item, which has none of that name."""
        wanted, others = self.items(key), self._others(key)
        wanted[place] = {**wanted[place], option: value}
        if self._data[key].fa.flow_style():
            self._as_block(key)
        last = place + 1 == len(wanted)
        end = self._end(key) if last else self._last_content(self._start(key, place), self._start(key, place + 1))
        indent = " " * (self._dash(key) + 2)
        self._lines[end:end] = [indent + line for line in _dumped({option: value})]
        self._verify(key, wanted, others)

    def add(self, text: str) -> None:
        """Write a new part of the top level at the end, a blank line before it."""
        while self._lines and not self._lines[-1].strip():
            self._lines.pop()
        self._lines += ["", *text.splitlines()] if self._lines else text.splitlines()
        self._read()

    def _read(self) -> None:
        try:
            data = YAML(typ="rt").load("\n".join(self._lines) + "\n")
        except MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise ConfigurationError(f"{self.name} não é YAML válido: veja a linha {line}") from None
        except YAMLError:
            raise ConfigurationError(f"{self.name} não é YAML válido") from None
        if data is not None and not isinstance(data, dict):
            raise ConfigurationError(f"{self.name} deveria ter chaves como `pipeline:` no começo da linha")
        self._data: Any = data if data is not None else {}

    def _fill(self, key: str, items: Sequence[Item], comment: str, before: str) -> None:
        written = _written(items, 2, comment)
        if key not in self._data:
            self._insert_before(before, [f"{key}:", *written])
            return
        start = self._data.lc.key(key)[0]
        end = start + 1
        if end < len(self._lines) and _NOTHING_CONFIGURED.match(self._lines[end]):
            while end < len(self._lines) and self._lines[end].lstrip().startswith("#"):
                end += 1
        self._lines[start:end] = [f"{key}:", *written]

    def _insert_before(self, key: str, lines: list[str]) -> None:
        """Above that key and the comment that belongs to it; at the end where there is no such key."""
        if key not in self._data:
            self.add("\n".join(lines))
            return
        place = self._data.lc.key(key)[0]
        while place and self._lines[place - 1].startswith("#"):
            place -= 1
        self._lines[place:place] = [*lines, ""]

    def _as_block(self, key: str) -> None:
        """Write a list in brackets one item a line."""
        start, end = self._data.lc.key(key)[0], self._end(key)
        self._lines[start:end] = [f"{key}:", *_written(self.items(key), 2, "")]
        self._read()

    def _dash(self, key: str) -> int:
        """The column of the dashes of that list."""
        sequence: CommentedSeq = self._data[key]
        return int(sequence.lc.col)

    def _start(self, key: str, place: int) -> int:
        """The line on which that item begins."""
        line = int(self._data[key].lc.item(place)[0])
        while not self._lines[line].lstrip().startswith("-"):
            line -= 1
        return line

    def _end(self, key: str) -> int:
        """The line behind the last one that holds something of that key."""
        start = self._data.lc.key(key)[0]
        later = [self._data.lc.key(each)[0] for each in self._data]
        return self._last_content(start, min((line for line in later if line > start), default=len(self._lines)))

    def _last_content(self, start: int, end: int) -> int:
        while end > start + 1 and _NO_CONTENT.match(self._lines[end - 1]):
            end -= 1
        return end

    def _others(self, key: str) -> dict[str, Any]:
        """Everything but that key."""
        return {name: value for name, value in self._data.items() if name != key}

    def _verify(self, key: str, wanted: Sequence[Item], others: Item) -> None:
        try:
            self._read()
            right = self.items(key) == [dict(each) for each in wanted] and self._others(key) == others
        except ConfigurationError:
            right = False
        if not right:
            by_hand = " · ".join(str(each["name"]) for each in wanted)
            raise ConfigurationError(
                f"{self.name}: `{key}` está escrito de um jeito que não sei editar sem risco; "
                f"deixe assim, à mão: {by_hand}"
            )


def _written(items: Sequence[Item], dash: int, comment: str) -> list[str]:
    """These items as lines of a list whose dashes stand in that column."""
    indent = " " * dash
    lines = [f"{indent}# {comment}"] if comment else []
    for item in items:
        first, *others = _dumped(item)
        lines += [f"{indent}- {first}", *(f"{indent}  {line}" for line in others)]
    return lines


def _dumped(value: Mapping[str, Any]) -> list[str]:
    """An option a line; a mapping within stands on the line of its option."""
    written = CommentedMap(value)
    for name, inner in value.items():
        if isinstance(inner, dict):
            written[name] = CommentedMap(inner)
            written[name].fa.set_flow_style()
    yaml: Any = YAML(typ="rt")
    yaml.width = 4096
    into = io.StringIO()
    yaml.dump(written, into)
    return into.getvalue().splitlines()
