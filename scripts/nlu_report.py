"""`make nlu-report`: how well messages are understood, on sentences that no classifier has seen.

Asks this project's classifier and Rasa's stock components (`bench.classifiers`, each trained on the examples as
they stand) about every sentence of `tests/nlu/sentences`, and writes `docs/nlu-report.md` and `docs/nlu-confusion.png`.
All have the document extractor, whose certainties stand. Intents are compared as ranked first, before any threshold.

`--aggregate` prints numbers and no sentence: what may be looked at while examples are being written. The full report
lists the errors, and whoever has read them no longer writes examples: the test would measure memory.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rasa.shared.nlu.training_data.loading import load_data
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from bench import classifiers
from segunda_via.intents import example_files, threshold

ROOT = Path(__file__).resolve().parent.parent
SENTENCES = ROOT / "tests" / "nlu" / "sentences"
REPORT = ROOT / "docs" / "nlu-report.md"
PICTURE = ROOT / "docs" / "nlu-confusion.png"
MAIN = "pedir_segunda_via"
THRESHOLDS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.6)


@dataclass(frozen=True)
class Sentence:
    file: str
    text: str
    intent: str


@dataclass(frozen=True)
class Result:
    """What one classifier made of the sentences; `seconds` of the processor to train it, without Rasa's imports."""

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


def examples() -> list[tuple[str, str]]:
    return [(each.text, each.intent) for each in example_files.of_project(ROOT).all()]


def measure(name: str, sentences: Sequence[Sentence]) -> Result:
    """What the classifier of that name in `bench.classifiers` makes of the sentences; trained when it was not."""
    trained = classifiers.ensure(name)
    answers = classifiers.answers(trained, [said.text for said in sentences])
    return Result(name, sentences, [intent for intent, _ in answers], [sure for _, sure in answers], trained.cpu)


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
    for at in THRESHOLDS:
        low = [ok for ok, c in zip(result.right, result.confidences, strict=True) if c < at]
        wrong = sum(not ok for ok, c in zip(result.right, result.confidences, strict=True) if c >= at)
        total = len(result.right)
        lines.append(f"| {at} | {len(low) / total:.1%} | {sum(low) / total:.1%} | {wrong / total:.1%} |")
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


def recommended(said: Sequence[tuple[str, str]]) -> str:
    """What `segunda_via.intents.threshold` finds on the examples."""
    tried = threshold.trials([text for text, _ in said], [intent for _, intent in said])
    best = threshold.chosen(tried, len(said))
    lines = ["| threshold | asked again | of these, were right | answered wrongly | harm |", "|---|---|---|---|---|"]
    for each in tried:
        shares = f"{each.asked_again:.1%} | {each.in_vain:.1%} | {each.wrong:.1%} | {each.harm:.1%}"
        lines.append(f"| {each.threshold}{' (taken)' if each == best else ''} | {shares} |")
    return "\n".join(lines)


def document(results: Sequence[Result], said: Sequence[tuple[str, str]]) -> str:
    mine = results[0]
    diet = "" if len(results) > 2 else " DIET is left out here: `make nlu-report ARGS=--with-diet` trains it too."
    parts = [
        "# How well messages are understood",
        f"Written by `make nlu-report`: {len(said):,} examples, {len(mine.sentences)} held-out sentences "
        "in `tests/nlu/sentences`. Those were never trained on; features, strength and threshold were chosen by "
        "cross-validation on the examples. While examples were written, nobody read the sentences: only totals per "
        "intent and per file were looked at, so the figures are a little kind. Training is seconds of the "
        "processor, without imports; "
        "[how long each takes to train, load and understand](benchmarks.md)." + diet,
        "## Compared: same data, same sentences",
        summary(results),
        "## By phenomenon (accuracy)",
        files(results),
        "## By intent (this project)",
        intents(mine),
        "![Confusion matrix](nlu-confusion.png)",
        "## What a fallback threshold does",
        "The threshold in `config.yml` is the one that cross-validation on the examples recommends (a test holds it "
        "there): of those tried, the highest whose harm, wrong answers and questions in vain, lies within one standard "
        "error of the least. The examples were picked to be hard, so these shares are worse than the sentences'.",
        recommended(said),
        "On the held-out sentences, for reading only:",
        thresholds(mine),
        f"## The {len(mine.right) - sum(mine.right)} errors",
        errors(mine),
    ]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--aggregate", action="store_true", help="numbers only, no sentence, nothing written")
    parser.add_argument(
        "--with-diet",
        action="store_true",
        help="DIET as well: many minutes, unless it was trained on these examples before",
    )
    options = parser.parse_args()
    sentences = held_out()
    mine = measure(classifiers.OURS, sentences)
    if options.aggregate:
        parts = [summary([mine]), files([mine]), intents(mine), thresholds(mine), confusions(mine)]
        sys.stdout.write("\n\n".join(parts) + "\n")
        return
    results = [mine, measure(classifiers.STOCK, sentences)]
    if options.with_diet:
        results.append(measure(classifiers.DIET, sentences))
    draw(mine)
    REPORT.write_text(document(results, examples()), encoding="utf-8")
    sys.stdout.write(f"{summary(results)}\n\nwritten: {REPORT.relative_to(ROOT)}, {PICTURE.relative_to(ROOT)}\n")


if __name__ == "__main__":
    sys.exit(main())
