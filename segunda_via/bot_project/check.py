"""What `segunda-via plugin check` says of a bot: first what is written in its files, then what is really loaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from segunda_via import skill
from segunda_via.bot_project.changes import Bot
from segunda_via.bot_project.config_file import ConfigFile
from segunda_via.bot_project.domain_intents import intents
from segunda_via.bot_project.endpoints_file import RESPONSES
from segunda_via.bot_project.loaded import Loads, NotTold
from segunda_via.bot_project.wanted import EXAMPLES_FOR_DIET, IMPORTER, SHARED_INTENTS, intent_names
from segunda_via.operations.probes.probe import Finding, Level
from segunda_via.storage.endpoints_file import ENCRYPTED

ADD = "`segunda-via plugin add`"


def findings(bot: Bot, domain: Path, data: Sequence[Path], loads: Loads = Loads()) -> list[Finding]:  # noqa: B008
    """Every subject has at least one, in the order in which a developer mends them; what is in order says so."""
    config = bot.config_file()
    return [
        *_all_or(_importers(config, intents(domain)), "importers", "config.yml traz a habilidade"),
        *_all_or(_pipeline(config), "pipeline", "componentes presentes, na ordem certa"),
        *_all_or(_policies(config), "policies", "políticas presentes"),
        *_all_or(_endpoints(bot), "endpoints", "endpoints.yml diz onde rodam as ações e de onde vêm os textos"),
        *_actions(bot, loads),
        *_skill(bot, domain, data, loads),
    ]


def _all_or(found: Iterator[Finding], subject: str, good: str) -> list[Finding]:
    return list(found) or [Finding(subject, Level.OK, good)]


def _importers(config: ConfigFile, of_bot: frozenset[str]) -> Iterator[Finding]:
    if IMPORTER in config.missing("importers"):
        yield Finding(
            "importers", Level.FAILURE, "config.yml não traz a habilidade", "acrescente o importador", None, ADD
        )
        return
    yield from _of_ours(config, "importers")
    if config.trains_too_much():
        why = "DIET treina com todos os exemplos da habilidade: perto de uma hora"
        yield Finding(
            "importers", Level.WARNING, why, f"escreva examples_per_intent: {EXAMPLES_FOR_DIET} no importador"
        )
    told = config.intent_names()
    for ours, theirs in told.items():
        if ours not in SHARED_INTENTS:
            known = ", ".join(SHARED_INTENTS)
            yield Finding("importers", Level.FAILURE, f"`intents` fala de {ours}, que não é compartilhado ({known})")
        elif theirs not in of_bot:
            yield Finding("importers", Level.FAILURE, f"`intents` diz {ours}: {theirs}, e o domínio não tem {theirs}")
    for ours, theirs in intent_names(of_bot).items():
        if ours not in told:
            why = f"o bot tem {theirs}, e a habilidade traria {ours} ao lado: as mesmas frases em duas intenções"
            yield Finding("importers", Level.WARNING, why, f"escreva {ours}: {theirs} em `intents` do importador")


def _pipeline(config: ConfigFile) -> Iterator[Finding]:
    yield from _empty(config, "pipeline")
    if missing := config.missing("pipeline"):
        yield Finding("pipeline", Level.FAILURE, f"falta {_short(missing)}", "acrescente no fim", None, ADD)
    yield from _of_ours(config, "pipeline")
    if misplaced := config.misplaced():
        why = f"{_short(misplaced)} está antes de um classificador, que desfaz o que foi decidido"
        yield Finding("pipeline", Level.FAILURE, why, "ponha depois dele, no fim", None, ADD)
    if config.before_extractor():
        why = "SegundaViaIntentClassifier está antes de DocumentExtractor: ele nunca deve ver um documento"
        yield Finding("pipeline", Level.FAILURE, why, "ponha DocumentExtractor antes")


def _policies(config: ConfigFile) -> Iterator[Finding]:
    yield from _empty(config, "policies")
    if missing := config.missing("policies"):
        yield Finding("policies", Level.FAILURE, f"falta {_short(missing)}", "acrescente", None, ADD)
    yield from _of_ours(config, "policies")
    for policy in config.outranking():
        why = f"{policy} passa por cima das regras da habilidade, ou do silêncio enquanto uma pessoa atende"
        yield Finding("policies", Level.FAILURE, why, "deixe a prioridade em 6 ou menos")


def _empty(config: ConfigFile, key: str) -> Iterator[Finding]:
    if config.is_empty(key):
        why = f"`{key}` está vazio: com dois importadores o Rasa 3.6 para com um erro ao treinar"
        yield Finding(key, Level.FAILURE, why, "escreva o padrão do Rasa", None, ADD)


def _of_ours(config: ConfigFile, key: str) -> Iterator[Finding]:
    if unknown := config.unknown(key):
        why = f"{', '.join(unknown)} não existe nesta versão"
        yield Finding(key, Level.FAILURE, why, "tire, ou escreva o nome de hoje")
    if twice := config.twice(key):
        yield Finding(key, Level.FAILURE, f"{_short(twice)} aparece mais de uma vez", "deixe uma só")


def _endpoints(bot: Bot) -> Iterator[Finding]:
    endpoints = bot.endpoints_file()
    if not endpoints.has_actions:
        yield Finding("endpoints", Level.FAILURE, "falta action_endpoint: sem ele nenhuma ação roda", None, None, ADD)
    if endpoints.responses is None:
        why = "falta nlg: os textos que os operadores salvam só valeriam em parte das mensagens"
        yield Finding("endpoints", Level.FAILURE, why, None, None, ADD)
    elif endpoints.responses != RESPONSES:
        why = f"os textos são ditos por {endpoints.responses}: o que os operadores salvam não vale ali"
        yield Finding("endpoints", Level.WARNING, why, "peça a ele também as respostas utter_segunda_via_*")
    if endpoints.tracker_store not in (None, ENCRYPTED):
        why = f"o tracker_store {endpoints.tracker_store} guarda em claro as mensagens, CPF e CNPJ entre elas"
        yield Finding("endpoints", Level.WARNING, why, f"use type: {ENCRYPTED}")


def _actions(bot: Bot, loads: Loads) -> Iterator[Finding]:
    package = bot.actions_package
    if package.shadowed:
        why = f"ninguém importa {package.shadowed.name}: existe também a pasta {bot.actions}/, e o Python a prefere"
        yield Finding("actions", Level.WARNING, why, "junte os dois")
    if not package.is_imported():
        where = package.entry.relative_to(bot.folder)
        yield Finding("actions", Level.FAILURE, f"{where} não importa segunda_via.actions", None, None, ADD)
        return
    try:
        served = loads.by_the_sdk(bot.folder, bot.actions)
    except NotTold as error:
        why = f"o servidor de ações não pôde ser conferido neste ambiente ({error})"
        yield Finding("actions", Level.UNKNOWN, why, "instale aqui o que as ações do bot importam")
        return
    ours = set(YAML(typ="safe").load(skill.DOMAIN.read_text("utf-8"))["actions"])
    if absent := sorted(ours - set(served)):
        yield Finding("actions", Level.FAILURE, f"não registradas: {', '.join(absent)}")
    else:
        yield Finding("actions", Level.OK, f"{len(served)} ações registradas, {len(ours)} delas da habilidade")


def _skill(bot: Bot, domain: Path, data: Sequence[Path], loads: Loads) -> Iterator[Finding]:
    """Asked of Rasa: for an importer that it cannot import, it only warns."""
    try:
        found = loads.by_rasa(bot.folder, bot.config, domain, data)
    except NotTold as error:
        yield Finding("skill", Level.UNKNOWN, f"o Rasa não carregou o bot ({error})")
        return
    yield from _all_or(_lacking(found), "skill", _loaded_in_words(found))


def _lacking(found: dict[str, Any]) -> Iterator[Finding]:
    if not found["rules"] and not any(found["examples"].values()):
        yield Finding("skill", Level.FAILURE, "o Rasa não carregou nada da habilidade")
        return
    for part, names in found["missing"].items():
        shown = ", ".join(names[:3]) + (f" e mais {len(names) - 3}" if len(names) > 3 else "")
        yield Finding("skill", Level.FAILURE, f"o Rasa não carregou {_PARTS[part]} da habilidade: {shown}")
    if untaught := [name for name, count in found["examples"].items() if not count]:
        yield Finding("skill", Level.FAILURE, f"sem exemplos: {', '.join(untaught)}")
    if found["own"]:
        why = f"o bot já tem, com o mesmo nome, {', '.join(found['own'])}: o da habilidade fica de fora"
        yield Finding("skill", Level.FAILURE, why, "dê outro nome ao do bot")
    for own, ours, intent in found["contradictions"]:
        why = f"a regra “{own}” do bot responde a {intent}, como “{ours}” da habilidade: o treino para"
        yield Finding("skill", Level.FAILURE, why, "dê uma condição à do bot, ou tire-a")


_PARTS = {
    "intents": "intenções",
    "slots": "slots",
    "forms": "o formulário",
    "actions": "ações",
    "responses": "respostas",
    "rules": "regras",
}


def _loaded_in_words(found: dict[str, Any]) -> str:
    examples = sum(found["examples"].values())
    return f"carregada pelo Rasa: {len(found['examples'])} intenções, {examples} exemplos, {found['rules']} regras"


def _short(names: Sequence[str]) -> str:
    """Class names alone."""
    return ", ".join(name.rpartition(".")[2] for name in names)
