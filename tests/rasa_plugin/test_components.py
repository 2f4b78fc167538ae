"""Extractor and classifier as components of Rasa's pipeline."""

from __future__ import annotations

import inspect
import json
import zipfile
from typing import Any

import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.training_data import TrainingData
from support.understanding import CONTEXT, Understanding

from segunda_via.boletos.documents import find
from segunda_via.conversation.certain_intent import is_only_documents
from segunda_via.intents import intent_model
from segunda_via.rasa_plugin.nlu import intent_classifier
from segunda_via.rasa_plugin.nlu.certain_intent import CertainIntent
from segunda_via.rasa_plugin.nlu.document_extractor import DocumentExtractor
from segunda_via.rasa_plugin.nlu.intent_classifier import SegundaViaIntentClassifier, without_documents

DOCUMENTS = {"52998224725", "529.982.247-25", "11222333000181", "11.222.333/0001-81"}


def entities(understanding: Understanding, text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = understanding.of(text).get("entities", [])
    return found


def test_a_valid_document_is_an_entity_with_its_compact_value_and_place(understanding: Understanding) -> None:
    text = "o cpf:529.982.247-25, ou o cnpj 12.abc.345/01de-35"
    cpf, cnpj = entities(understanding, text)
    assert (cpf["entity"], cpf["value"], text[cpf["start"] : cpf["end"]]) == ("cpf", "52998224725", "529.982.247-25")
    assert (cnpj["entity"], cnpj["value"]) == ("cnpj", "12ABC34501DE35")
    assert {"role", "group"}.isdisjoint(cpf), "Rasa's mappings match only equal roles"


def test_an_almost_document_says_why_and_what_was_probably_meant(understanding: Understanding) -> None:
    (missing_zero,) = entities(understanding, "cpf 1234567890")
    assert missing_zero["entity"] == "documento_invalido"
    assert missing_zero["additional_info"] == {"reason": "missing_zero", "suggestion": "01234567890"}
    (wrong,) = entities(understanding, "cpf 529.982.247-24")
    assert wrong["additional_info"] == {"reason": "check_digits", "suggestion": None}


def test_what_crosses_to_the_action_server_is_json(understanding: Understanding) -> None:
    message = understanding.of("cpf 1234567890")
    assert json.loads(json.dumps(message.as_dict(only_output_properties=True)))["entities"]


@pytest.mark.parametrize(
    "text",
    [
        "52998224725",
        "meu cpf é 529.982.247-25",
        "Bom dia! Segue o CNPJ: 11.222.333/0001-81.",
        "é 529.982.247-24",
        "52998224725 ou 11222333000181",
        "cinco dois nove nove oito dois dois quatro sete dois cinco",
        "00190.00009 07777.777009 00087.654182 6 49000000295295",
        "código de barras: 00190.00009 07777.777009 00087.654182 6 49000000295295",
        "84630000000-3 29990296202-4 41013600080-0 52998224725",
    ],
)
def test_a_message_that_is_only_a_document_is_certain(understanding: Understanding, text: str) -> None:
    assert understanding.of(text).get("intent") == {"name": "informar_documento", "confidence": 1.0}


@pytest.mark.parametrize("text", ["cancela 52998224725", "não é 52998224725", "paguei o boleto do cpf 52998224725"])
def test_words_that_say_more_are_for_the_classifier(text: str) -> None:
    assert not is_only_documents(text, [(found.start, found.end) for found in find(text)])


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("quero a segunda via, cpf 529.982.247-25", "pedir_segunda_via"),
        ("quero cancelar meu plano, cpf 529.982.247-25", "cancelar_servico"),
        ("quero falar com um atendente, cpf 529.982.247-25", "falar_com_atendente"),
        ("boa tarde minha querida 529.982.247-25", "informar_documento"),
        ("xyzzy 529.982.247-25", "informar_documento"),
        ("obrigado 529.982.247-25", "informar_documento"),
    ],
)
def test_a_document_outweighs_small_talk_but_not_a_clear_wish(
    understanding: Understanding, text: str, intent: str
) -> None:
    assert understanding.intent(text) == intent


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_blank_text_is_not_classified(understanding: Understanding, text: str) -> None:
    message = understanding.of(text)
    assert message.get("intent") == {"name": None, "confidence": 0.0}
    assert message.get("intent_ranking") == []


@pytest.mark.parametrize("text", ["boleto", "SEGUNDA VIA!", "segunda-via boleto 🙏"])
def test_a_keyword_is_certain(understanding: Understanding, text: str) -> None:
    message = understanding.of(text)
    assert message.get("intent") == {"name": "pedir_segunda_via", "confidence": 1.0}
    assert message.get("intent_ranking") == [{"name": "pedir_segunda_via", "confidence": 1.0}]


def test_a_document_never_reaches_the_model() -> None:
    text = "boleto do cpf 529.982.247-25 ou 11.222.333/0001-81"
    found = [
        {"entity": "cpf", "start": 14, "end": 28},
        {"entity": "cnpj", "start": 32, "end": 50},
        {"entity": "cidade", "start": 0, "end": 6},
    ]
    assert without_documents(text, found).split() == ["boleto", "do", "cpf", "ou"]


def test_a_document_in_an_example_is_not_learnt(
    understanding: Understanding, tmp_path_factory: pytest.TempPathFactory
) -> None:
    message = understanding.extractor.process([understanding.of("boleto 529.982.247-25")])[0]
    message.set("intent", "pedir_segunda_via")
    other = understanding.of("oi")
    other.set("intent", "cumprimentar")
    storage = LocalModelStorage.create(tmp_path_factory.mktemp("learnt"))
    resource = Resource("classifier")
    config = SegundaViaIntentClassifier.get_default_config()
    component = SegundaViaIntentClassifier.create(config, storage, resource, CONTEXT)
    component.train(TrainingData([message, other] * 2))
    with storage.read_from(resource) as folder:
        kept = (folder / "model.json").read_text("utf-8")
    assert "boleto" in kept
    assert not any(document in kept for document in DOCUMENTS)


def test_it_is_saved_as_json_and_plain_arrays(trained: tuple[LocalModelStorage, Resource]) -> None:
    storage, resource = trained
    with storage.read_from(resource) as folder:
        assert {path.name for path in folder.iterdir()} == {"model.json", "model.npz"}
        with zipfile.ZipFile(folder / "model.npz") as arrays:
            for name in arrays.namelist():
                assert b"'O'" not in arrays.read(name)[:128], "an array of objects would be pickled"


def test_a_change_of_the_model_trains_again() -> None:
    """Rasa's own fingerprint covers the component's class only, which is not where the learning is."""
    addon = SegundaViaIntentClassifier.fingerprint_addon({})
    assert addon is not None
    assert "class FastIntentClassifier" not in inspect.getsource(intent_model)
    assert inspect.getmodule(SegundaViaIntentClassifier) is intent_classifier
    assert SegundaViaIntentClassifier.fingerprint_addon({}) == addon


def test_component_names_are_unlikely_to_clash_with_a_hosts() -> None:
    """Rasa registers components by their bare class name."""
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe

    for component in (DocumentExtractor, SegundaViaIntentClassifier, CertainIntent):
        assert DefaultV1Recipe._registered_components[component.__name__].clazz is component
