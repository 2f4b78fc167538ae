"""One classifier in a process of its own, as in life: `python -m bench.alone train|components|agent …`.

Rasa and its recipe are imported first (they cost the same whatever the pipeline). What was measured is written as JSON
to the last argument. Seconds of the clock and of the processor, the threads of all libraries included; memory in MB.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import rasa.core.agent
import rasa.engine.recipes.default_recipe  # TensorFlow comes in here, before anything is timed
import rasa.model_training
from rasa.engine.graph import ExecutionContext, GraphNode
from rasa.engine.storage.local_model_storage import LocalModelStorage


class Stopwatch:
    def __init__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        return {"seconds": time.perf_counter() - self._began[0], "cpu": time.process_time() - self._began[1]}


def resident_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def train(config: str, examples: str, model: str) -> dict[str, Any]:
    """Rasa's training of an NLU model, from its files to the packaged model."""
    path = Path(model)
    watch = Stopwatch()
    rasa.model_training.train_nlu(config, examples, str(path.parent), fixed_model_name=path.name[: -len(".tar.gz")])
    if not path.is_file():
        raise RuntimeError("Rasa trained nothing")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**watch.read(), "peak": peak, "model": path.stat().st_size / 1e6}


def components(model: str) -> dict[str, Any]:
    """Each component of the pipeline, loaded from the unpacked model, in their order."""
    with tempfile.TemporaryDirectory() as folder:
        storage, about = LocalModelStorage.from_model_archive(Path(folder), model)
        context = ExecutionContext(about.predict_schema, about.model_id)
        loaded = {}
        for name, node in about.predict_schema.nodes.items():
            if node.constructor_name == "load" and node.eager and name.startswith("run_"):
                watch = Stopwatch()
                GraphNode.from_schema_node(name, node, storage, context)
                loaded[node.uses.__name__] = watch.read()
    return {"components": loaded}


def agent(model: str, sentences: str) -> dict[str, Any]:
    """`Agent.load`, its memory, and what it makes of each of the sentences (JSON, a list), timed one by one."""
    texts = json.loads(Path(sentences).read_text(encoding="utf-8"))
    before = resident_mb()
    watch = Stopwatch()
    loaded = rasa.core.agent.Agent.load(model)
    load = watch.read()

    async def ask() -> tuple[list[float], list[list[Any]]]:
        await loaded.parse_message("oi")  # what is made at the first message only
        times, answers = [], []
        for text in texts:
            began = time.perf_counter()
            answer = await loaded.parse_message(text)
            times.append(time.perf_counter() - began)
            answers.append([answer["intent"]["name"], answer["intent"]["confidence"]])
        return times, answers

    times, answers = asyncio.run(ask())
    return {"load": load, "before": before, "memory": resident_mb(), "parse": times, "answers": answers}


def main() -> None:
    what, *arguments, result = sys.argv[1:]
    measured = {"train": train, "components": components, "agent": agent}[what](*arguments)
    Path(result).write_text(json.dumps(measured), encoding="utf-8")


if __name__ == "__main__":
    main()
