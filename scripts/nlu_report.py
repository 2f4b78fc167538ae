"""`make nlu-report`: how well messages are understood, on sentences that no classifier has seen.

Trains this project's classifier and Rasa's stock components on `data/nlu`, asks each about every sentence of
`tests/nlu/sentences` in one run, and writes `docs/nlu-report.md` and `docs/nlu-confusion.png`. All three have the
document extractor before them, whose certainties stand. Intents are compared as ranked first, before any threshold.

`--aggregate` prints numbers and no sentence: what may be looked at while examples are being written. The full report
lists the errors, and whoever has read them no longer writes examples: the test would measure memory.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.diet_classifier import DIETClassifier
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
from rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer import CountVectorsFeaturizer
from rasa.nlu.tokenizers.whitespace_tokenizer import WhitespaceTokenizer
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from segunda_via.nlu.document_extractor import DocumentExtractor
from segunda_via.nlu.fast_classifier import FastIntentClassifier

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "data" / "nlu"
SENTENCES = ROOT / "tests" / "nlu" / "sentences"
REPORT = ROOT / "docs" / "nlu-report.md"
PICTURE = ROOT / "docs" / "nlu-confusion.png"
MAIN = "pedir_segunda_via"
THRESHOLDS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
CHARACTERS = {"analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4}


@dataclass(frozen=True)
class Sentence:
    file: str
    text: str
    intent: str


@dataclass(frozen=True)
class Result:
    """What one classifier made of the sentences; `seconds` to train it, without Rasa's imports."""

    name: str
    sentences: Sequence[Sentence]
    predicted: Sequence[str]
    confidences: Sequence[float]
    seconds: float

    @property
    def right(self) -> list[bool]:
        return [said.intent == label for said, label in zip(self.sentences, self.predicted, strict=True)]

    @property
    def labels(self) -> list[str]:
        return sorted({said.intent for said in self.sentences})

    def accuracy(self, file: str | None = None) -> float:
        kept = [ok for ok, said in zip(self.right, self.sentences, strict=True) if file in (None, said.file)]
        return sum(kept) / len(kept)

    def per_intent(self) -> list[tuple[str, float, float, float, int]]:
        """(intent, precision, recall, F1, sentences)"""
        truth = [said.intent for said in self.sentences]
        columns = precision_recall_fscore_support(truth, self.predicted, labels=self.labels, zero_division=0)
        return [(label, *map(float, row[:3]), int(row[3])) for label, *row in zip(self.labels, *columns, strict=True)]

    @property
    def macro_f1(self) -> float:
        return float(np.mean([f1 for _, _, _, f1, _ in self.per_intent()]))

    @property
    def main_recall(self) -> float:
        return next(recall for label, _, recall, _, _ in self.per_intent() if label == MAIN)

    @property
    def taken_for_main(self) -> float:
        """The share of all other sentences that would get a boleto thrown at them."""
        others = [label for said, label in zip(self.sentences, self.predicted, strict=True) if said.intent != MAIN]
        return others.count(MAIN) / len(others)


def held_out(folder: Path = SENTENCES) -> list[Sentence]:
    return [
        Sentence(path.stem, message.get("text"), message.get("intent"))
        for path in sorted(folder.glob("*.yml"))
        for message in load_data(str(path)).intent_examples
    ]


def ours(data: TrainingData, storage: LocalModelStorage, context: ExecutionContext) -> Callable[[list[Message]], Any]:
    resource = Resource("ours")
    config = {**FastIntentClassifier.get_default_config(), "company": None}  # no operator's own keywords
    FastIntentClassifier.create(config, storage, resource, context).train(data)
    return FastIntentClassifier.load(config, storage, resource, context).process


def stock(
    classifier: Any, settings: dict[str, Any]
) -> Callable[[TrainingData, LocalModelStorage, ExecutionContext], Callable[[list[Message]], Any]]:
    """A classifier of Rasa's behind Rasa's tokenizer and counted words and characters, as its documentation has it."""

    def build(data: TrainingData, storage: LocalModelStorage, context: ExecutionContext) -> Any:
        steps: list[Any] = [WhitespaceTokenizer(WhitespaceTokenizer.get_default_config())]
        for n, features in enumerate(({}, CHARACTERS)):
            config = {**CountVectorsFeaturizer.get_default_config(), **features, "alias": f"words{n}"}
            featurizer = CountVectorsFeaturizer.create(config, storage, Resource(f"words{n}"), context)
            if not steps[1:]:
                steps[0].process_training_data(data)
            featurizer.train(data)
            featurizer.process_training_data(data)
            steps.append(featurizer)
        config = {**classifier.get_default_config(), **settings}
        last = classifier.create(config, storage, Resource(classifier.__name__), context)
        last.train(data)
        steps.append(last)

        def process(messages: list[Message]) -> list[Message]:
            for step in steps:
                messages = step.process(messages)
            return messages

        return process

    return build


def measure(name: str, build: Any, sentences: Sequence[Sentence]) -> Result:
    """Train on `data/nlu` and ask about `sentences`, the extractor first."""
    context = ExecutionContext(GraphSchema({}))
    with tempfile.TemporaryDirectory() as folder:
        storage = LocalModelStorage.create(Path(folder))
        extractor = DocumentExtractor.create(
            DocumentExtractor.get_default_config(), storage, Resource("extractor"), context
        )
        data = load_data(str(EXAMPLES))
        began = time.perf_counter()
        process = build(data, storage, context)
        seconds = time.perf_counter() - began
        understood = []
        for said in sentences:
            (message,) = extractor.process([Message({"text": said.text})])
            certain = message.get("intent")
            if not certain:
                process([message])
            understood.append(certain or message.get("intent") or {"name": None, "confidence": 0.0})
    return Result(
        name,
        sentences,
        [str(intent["name"]) for intent in understood],
        [float(intent["confidence"]) for intent in understood],
        seconds,
    )


def summary(results: Sequence[Result]) -> str:
    lines = [
        "| classifier | accuracy | macro F1 | recall of `pedir_segunda_via` | others taken for it | training |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.name} | {r.accuracy():.3f} | {r.macro_f1:.3f} | {r.main_recall:.3f} | {r.taken_for_main:.1%} "
        f"| {r.seconds:.1f} s |"
        for r in results
    ]
    return "\n".join(lines)


def intents(result: Result) -> str:
    lines = ["| intent | precision | recall | F1 | sentences |", "|---|---|---|---|---|"]
    lines += [f"| `{label}` | {p:.2f} | {r:.2f} | {f1:.2f} | {size} |" for label, p, r, f1, size in result.per_intent()]
    return "\n".join(lines)


def files(results: Sequence[Result]) -> str:
    sizes = Counter(said.file for said in results[0].sentences)
    lines = ["| file | sentences | " + " | ".join(r.name for r in results) + " |", "|---|---|" + "---|" * len(results)]
    lines += [
        f"| {file} | {size} | " + " | ".join(f"{r.accuracy(file):.3f}" for r in results) + " |"
        for file, size in sorted(sizes.items())
    ]
    return "\n".join(lines)


def thresholds(result: Result) -> str:
    lines = ["| threshold | asked again | of these, were right | answered wrongly |", "|---|---|---|---|"]
    for threshold in THRESHOLDS:
        low = [ok for ok, c in zip(result.right, result.confidences, strict=True) if c < threshold]
        wrong = sum(not ok for ok, c in zip(result.right, result.confidences, strict=True) if c >= threshold)
        total = len(result.right)
        lines.append(f"| {threshold} | {len(low) / total:.1%} | {sum(low) / total:.1%} | {wrong / total:.1%} |")
    return "\n".join(lines)


def confusions(result: Result) -> str:
    pairs = zip(result.sentences, result.predicted, strict=True)
    counts = Counter((said.intent, label) for said, label in pairs if said.intent != label)
    return "\n".join(f"{count:3d}  {truth} taken for {label}" for (truth, label), count in counts.most_common())


def errors(result: Result) -> str:
    rows = zip(result.sentences, result.predicted, result.confidences, strict=True)
    lines = ["| file | sentence | is | taken for | confidence |", "|---|---|---|---|---|"]
    lines += [
        f"| {said.file} | {said.text.replace('|', '/')} | `{said.intent}` | `{label}` | {confidence:.2f} |"
        for said, label, confidence in rows
        if said.intent != label
    ]
    return "\n".join(lines)


def draw(result: Result, path: Path = PICTURE) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    labels = result.labels
    counts = confusion_matrix([said.intent for said in result.sentences], result.predicted, labels=labels)
    figure, axes = pyplot.subplots(figsize=(11, 10))
    axes.imshow(counts / counts.sum(axis=1, keepdims=True).clip(min=1), cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=60, ha="right")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("taken for")
    axes.set_ylabel("is")
    for (row, column), count in np.ndenumerate(counts):
        if count:
            strong = count > counts[row].sum() / 2
            axes.text(column, row, str(count), ha="center", va="center", color="white" if strong else "black")
    figure.tight_layout()
    figure.savefig(path, dpi=90, metadata={"Software": None})
    pyplot.close(figure)


def document(results: Sequence[Result], examples: int) -> str:
    mine = results[0]
    diet = "" if len(results) > 2 else " DIET is left out here: `make nlu-report ARGS=--with-diet` trains it too."
    parts = [
        "# How well messages are understood",
        f"Written by `make nlu-report`: {examples:,} examples in `data/nlu`, {len(mine.sentences)} held-out sentences "
        "in `tests/nlu/sentences`. Those were never trained on; features, strength and threshold were chosen by "
        "cross-validation on the examples. While examples were written, nobody read the sentences: only totals per "
        "intent and per file were looked at, so the figures are a little kind. Training seconds are without imports."
        + diet,
        "## Compared: same data, same sentences, same run",
        summary(results),
        "## By phenomenon (accuracy)",
        files(results),
        "## By intent (this project)",
        intents(mine),
        "![Confusion matrix](nlu-confusion.png)",
        "## What a fallback threshold does",
        "For reading only: the threshold in `config.yml` is not chosen from this table.",
        thresholds(mine),
        f"## The {len(mine.right) - sum(mine.right)} errors",
        errors(mine),
    ]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--aggregate", action="store_true", help="numbers only, no sentence, nothing written")
    parser.add_argument("--with-diet", action="store_true", help="train DIET as well: minutes")
    parser.add_argument("--epochs", type=int, default=100, help="of DIET (default: %(default)s, as Rasa's pipeline)")
    options = parser.parse_args()
    sentences = held_out()
    mine = measure("this project", ours, sentences)
    if options.aggregate:
        parts = [summary([mine]), files([mine]), intents(mine), thresholds(mine), confusions(mine)]
        sys.stdout.write("\n\n".join(parts) + "\n")
        return
    results = [mine, measure("Rasa's logistic regression", stock(LogisticRegressionClassifier, {}), sentences)]
    if options.with_diet:
        diet = stock(DIETClassifier, {"epochs": options.epochs, "random_seed": 1})
        results.append(measure(f"DIET, {options.epochs} epochs", diet, sentences))
    draw(mine)
    REPORT.write_text(document(results, len(load_data(str(EXAMPLES)).intent_examples)), encoding="utf-8")
    sys.stdout.write(f"{summary(results)}\n\nwritten: {REPORT.relative_to(ROOT)}, {PICTURE.relative_to(ROOT)}\n")


if __name__ == "__main__":
    sys.exit(main())
