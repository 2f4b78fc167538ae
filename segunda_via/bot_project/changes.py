"""The files of a bot as they are and as they would be with the skill; and the writing of them, whole or not at all."""

from __future__ import annotations

import difflib
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from segunda_via.bot_project.actions_package import ActionsPackage
from segunda_via.bot_project.config_file import ConfigFile
from segunda_via.bot_project.endpoints_file import EndpointsFile
from segunda_via.bot_project.text_file import read
from segunda_via.bot_project.wanted import intent_names
from segunda_via.errors import ConfigurationError


@dataclass(frozen=True)
class Bot:
    """Where a bot keeps what the skill needs; paths as they are told to Rasa."""

    folder: Path
    config: Path
    endpoints: Path
    actions: str = "actions"

    @property
    def actions_package(self) -> ActionsPackage:
        return ActionsPackage(self.folder, self.actions)

    def config_file(self) -> ConfigFile:
        """ConfigurationError where it is none."""
        if not self.config.is_file():
            raise ConfigurationError(
                f"{self.config.name} não está aqui: rode isto na pasta do bot, a mesma em que roda `rasa train`"
            )
        return ConfigFile(read(self.config), self.config.name)

    def endpoints_file(self) -> EndpointsFile:
        return EndpointsFile(read(self.endpoints) if self.endpoints.is_file() else "", self.endpoints.name)


@dataclass(frozen=True)
class Change:
    """`before` is None where the file does not exist yet."""

    path: Path
    before: str | None
    after: str

    def diff(self, folder: Path) -> Iterator[str]:
        """As `diff -u` shows it."""
        name = os.path.relpath(self.path, folder)
        old, new = (self.before or "").splitlines(), self.after.splitlines()
        yield from difflib.unified_diff(old, new, name if self.before is not None else "/dev/null", name, lineterm="")


def changes(bot: Bot, intents_of_bot: Collection[str]) -> list[Change]:
    """What would change in that bot; nothing where everything is in place."""
    config = bot.config_file()
    config.complete(intent_names(intents_of_bot))
    endpoints = bot.endpoints_file()
    endpoints.complete()
    actions = bot.actions_package
    after = {bot.config: config.text, bot.endpoints: endpoints.text, actions.entry: actions.completed()}
    all_of_them = [Change(path, read(path) if path.is_file() else None, text) for path, text in after.items()]
    return [each for each in all_of_them if each.before != each.after]


def write(change: Change) -> None:
    """In one step: whoever reads meanwhile finds the old file or the new one. Mode and symbolic link stay."""
    target = change.path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(change.after)
        if target.exists():
            shutil.copymode(target, name)
        else:
            mask = os.umask(0)
            os.umask(mask)
            Path(name).chmod(0o666 & ~mask)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
