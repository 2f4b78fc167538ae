"""Three intent classifiers on the examples of the assistant: this project's, Rasa's logistic regression, and DIET.

The two of Rasa stand behind its tokenizer and its counted words and characters, with their settings of the default
pipeline (DIET's epochs apart, see `EPOCHS`); the document extractor is in all three. Each is trained, loaded and asked
in processes of its own (`bench.alone`), Rasa imported before. Nothing stands behind them: no fallback, no policies.

A model is kept in `results/classifiers/` with the figures of its training, under the hash of all that shapes it, so
that DIET's time need not be spent twice: `ensure` trains what is not there; `measure` always loads and asks anew.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from ruamel.yaml import YAML

from bench.training import ENVIRONMENT
from scripts.processes import ROOT
from scripts.progress import step
from segunda_via import skill

EXAMPLES = ROOT / "data" / "nlu"
"""The assistant's own; the importers of `config.yml` add the skill's."""
KEPT = ROOT / "results" / "classifiers"
LOADS = 3
EPOCHS = 20
"""Of DIET. Rasa's default is 100; on the examples themselves it was right in 98.5 % after 13 and 98.7 % after 35."""
OURS, STOCK, DIET = "this project", "Rasa's logistic regression", f"DIET, {EPOCHS} epochs"

_EXTRACTOR = {"name": "segunda_via.rasa_plugin.nlu.document_extractor.DocumentExtractor"}
_COUNTED = [
    {"name": "WhitespaceTokenizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
]
PIPELINES: Mapping[str, Sequence[Mapping[str, Any]]] = {
    OURS: [
        _EXTRACTOR,
        {"name": "segunda_via.rasa_plugin.nlu.intent_classifier.SegundaViaIntentClassifier"},
    ],
    STOCK: [_EXTRACTOR, *_COUNTED, {"name": "LogisticRegressionClassifier"}],
    DIET: [
        _EXTRACTOR,
        *_COUNTED,
        {"name": "DIETClassifier", "epochs": EPOCHS, "constrain_similarities": True, "random_seed": 1},
    ],
}
_CODE = (
    "segunda_via/intents/intent_model.py",
    "segunda_via/rasa_plugin/nlu/intent_classifier.py",
    "segunda_via/rasa_plugin/nlu/document_extractor.py",
)


@dataclass(frozen=True)
class Trained:
    """`seconds` by the clock and `cpu` by the processor, without imports; `peak` memory and size of the `model`, MB."""

    path: Path
    at: datetime
    seconds: float
    cpu: float
    peak: float
    model: float


@dataclass(frozen=True)
class Measured:
    """Medians of several processes; `components`: the pipeline, from unpacked files; `agent`: all of `Agent.load`."""

    trained: Trained
    components: float
    agent: float
    agent_cpu: float
    memory: float
    added: float
    """What loading and asking added to the memory of a process that had imported Rasa, MB."""
    parse: Sequence[float]


def ensure(name: str, anew: bool = False) -> Trained:
    """The model of these examples: kept, or trained now (DIET: many minutes)."""
    folder = KEPT / _fingerprint(name)
    figures, model = folder / "training.json", folder / "model.tar.gz"
    if anew or not figures.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "config.yml"
        YAML().dump(_config(name), config)
        with step(f"{name}: training"):
            _alone("train", str(config), str(EXAMPLES), str(model), result=figures)
    at = datetime.fromtimestamp(figures.stat().st_mtime, timezone.utc)
    return Trained(model, at, **json.loads(figures.read_text(encoding="utf-8")))


def answers(trained: Trained, texts: Sequence[str]) -> list[tuple[str, float]]:
    """The first intent of each text, and its confidence."""
    with tempfile.TemporaryDirectory() as folder:
        asked, result = Path(folder) / "texts.json", Path(folder) / "result.json"
        asked.write_text(json.dumps(list(texts)), encoding="utf-8")
        found = _alone("agent", str(trained.path), str(asked), result=result)["answers"]
    return [(str(intent), float(confidence)) for intent, confidence in found]


def measure(name: str, texts: Sequence[str]) -> Measured:
    trained = ensure(name)
    with tempfile.TemporaryDirectory() as folder, step(f"{name}: loading and understanding"):
        asked, result = Path(folder) / "texts.json", Path(folder) / "result.json"
        asked.write_text(json.dumps(list(texts)), encoding="utf-8")
        parts, loads = [], []
        for _ in range(LOADS):
            parts.append(_alone("components", str(trained.path), result=result)["components"])
            loads.append(_alone("agent", str(trained.path), str(asked), result=result))
    first = loads[0]
    return Measured(
        trained,
        components=median(sum(each["seconds"] for each in part.values()) for part in parts),
        agent=median(each["load"]["seconds"] for each in loads),
        agent_cpu=median(each["load"]["cpu"] for each in loads),
        memory=first["memory"],
        added=first["memory"] - first["before"],
        parse=first["parse"],
    )


def rows(measured: Mapping[str, Measured]) -> list[list[str]]:
    """The table: its head, then a line a figure; beside each of Rasa's, how many times this project's it is."""
    mine = measured[OURS]

    def line(label: str, show: str, figure: Any, compared: bool = True) -> list[str]:
        cells = []
        for name, each in measured.items():
            times = f" ({figure(each) / figure(mine):.1f}×)" if compared and name != OURS else ""
            cells.append(show.format(figure(each)) + times)
        return [label, *cells]

    return [
        ["", *measured],
        ["trained at (UTC)", *(f"{each.trained.at:%Y-%m-%d %H:%M}" for each in measured.values())],
        line("training", "{:.1f} s", lambda each: each.trained.seconds),
        line("training, processor time", "{:.1f} s", lambda each: each.trained.cpu),
        line("memory while training", "{:.0f} MB", lambda each: each.trained.peak),
        line("model on disk", "{:.2f} MB", lambda each: each.trained.model),
        line("loading the components of the pipeline", "{:.3f} s", lambda each: each.components),
        line("`Agent.load`, unpacking included", "{:.2f} s", lambda each: each.agent),
        line("`Agent.load`, processor time", "{:.2f} s", lambda each: each.agent_cpu),
        line("memory of the process, loaded and asked", "{:.0f} MB", lambda each: each.memory),
        line("of these, added by loading and asking", "{:.0f} MB", lambda each: each.added),
        line("understanding a message, p50", "{:.2f} ms", lambda each: median(each.parse) * 1000),
        line("understanding a message, p95", "{:.2f} ms", lambda each: quantiles(each.parse, n=20)[-1] * 1000),
    ]


def _config(name: str) -> dict[str, Any]:
    pipeline = [dict(each) for each in PIPELINES[name]]
    project: Any = YAML(typ="safe").load((ROOT / "config.yml").read_text(encoding="utf-8"))
    return {
        "recipe": "default.v1",
        "assistant_id": "bench",
        "language": "pt",
        "importers": project["importers"],
        "pipeline": pipeline,
    }


def _fingerprint(name: str) -> str:
    """Of the examples, the pipeline, Rasa's version, and the code of what is this project's in it."""
    digest = hashlib.sha256(json.dumps([_config(name), version("rasa")]).encode())
    code = [path for pattern in _CODE for path in sorted(ROOT.glob(pattern))] if name == OURS else []
    for path in [*sorted(EXAMPLES.glob("*.yml")), *sorted(skill.NLU.glob("*.yml")), *code]:
        digest.update(f"\0{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _alone(what: str, *arguments: str, result: Path) -> Any:
    command = [sys.executable, "-m", "bench.alone", what, *arguments, str(result)]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{what} failed:\n{done.stdout[-2000:]}{done.stderr[-3000:]}")
    return json.loads(result.read_text(encoding="utf-8"))
