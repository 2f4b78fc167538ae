"""How long training and loading take, each in a fresh process as in life."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from bench.projects import Project
from scripts.processes import ROOT
from scripts.train import QUIET

ENVIRONMENT = {**os.environ, **QUIET, "PYTHONPATH": str(ROOT)}

#: imports come first: they cost the same whatever the pipeline, and the start of the server counts them
LOAD = """
import asyncio, resource, sys, time
from rasa.core.agent import Agent
import rasa.engine.recipes.default_recipe
began = time.perf_counter()
agent = Agent.load(sys.argv[1])
print("loaded", time.perf_counter() - began)
async def parse():
    await agent.parse_message("oi")
    times = []
    for text in sys.argv[2:] * 20:
        began = time.perf_counter()
        await agent.parse_message(text)
        times.append(time.perf_counter() - began)
    print("parsed", *times)
asyncio.run(parse())
"""


def train(project: Project) -> float:
    """Seconds of `rasa train`, imports and all."""
    command = ["train", "--force", "--out", str(project.model.parent), "--fixed-model-name", project.model.stem[:-4]]
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "rasa", *command],
        cwd=project.folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    if not project.model.is_file():
        raise RuntimeError(f"{project.name} could not be trained:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return time.monotonic() - began


def load(project: Project, texts: list[str]) -> tuple[float, list[float]]:
    """Seconds of `Agent.load` once Rasa is imported, and of understanding each text, twenty times over."""
    said = subprocess.run(
        [sys.executable, "-c", LOAD, str(project.model), *texts],
        cwd=project.folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    lines = [line.split() for line in said.splitlines()]  # Rasa's own debugging stands among them
    loaded, parsed = (
        [float(x) for line in lines if line[:1] == [word] for x in line[1:]] for word in ("loaded", "parsed")
    )
    return loaded[0], parsed
