"""`make train`: trains only when what shapes the model changed, by content and not by date.

A model's file name holds the hash of everything that shapes it (domain, configuration, examples, rules, the components
that run inside it, Rasa's version), so the file is its own record: if it exists, it is right. It is moved into
`models/` complete or not at all, and the older ones that this script made go.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from scripts.progress import fail, step

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "segunda-via-"
SHAPES = (
    "domain.yml",
    "domain/**/*.yml",
    "config.yml",
    "data/**/*.yml",
    "segunda_via/skill/**/*.yml",
    "segunda_via/rasa_plugin/importer.py",
    "segunda_via/rasa_plugin/nlu/**/*.py",
    "segunda_via/rasa_plugin/policies/**/*.py",
    "segunda_via/intents/intent_model.py",
    "segunda_via/boletos/documents/**/*.py",
)
LOG = ROOT / "var" / "log" / "train.log"
NOISE = re.compile(r" INFO |it/s|Epochs:|Warning")
WRONG = re.compile(r"Error|ERROR|Exception|Invalid")
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}


def sources(root: Path) -> Iterator[Path]:
    """The files that shape the model, in an order that does not depend on the file system."""
    for pattern in SHAPES:
        yield from sorted(path for path in root.glob(pattern) if path.is_file())


def fingerprint(root: Path, rasa_version: str) -> str:
    """16 hex digits over the names and contents of `sources` and Rasa's version."""
    digest = hashlib.sha256(rasa_version.encode())
    for path in sources(root):
        content = path.read_bytes()
        digest.update(f"\0{path.relative_to(root).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def model_path(root: Path = ROOT) -> Path:
    """Where the model of the files as they stand is, or will be once trained."""
    return root / "models" / f"{PREFIX}{fingerprint(root, importlib.metadata.version('rasa'))}.tar.gz"


def prune(keep: Path) -> None:
    """Remove the models this script made before; those of `rasa train` are not its to remove."""
    for model in keep.parent.glob(f"{PREFIX}*.tar.gz"):
        if model != keep:
            model.unlink(missing_ok=True)


def telling(output: str) -> str:
    """The lines of a failed training that say why: from shortly before the first error on, each once."""
    lines = dict.fromkeys(line.rstrip() for line in output.splitlines() if line.strip())
    kept = [line for line in lines if not NOISE.search(line)]
    wrong = [n for n, line in enumerate(kept) if WRONG.search(line)]
    return "\n".join(kept[max(0, wrong[0] - 4) :][:25] if wrong else kept[-25:])


def train(model: Path, root: Path = ROOT) -> None:
    """Train into `model`; on failure end the command with Rasa's own reasons."""
    model.parent.mkdir(parents=True, exist_ok=True)
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=model.parent, prefix=".training-") as folder:
        command = [
            sys.executable,
            "-m",
            "rasa",
            "train",
            "--force",
            "--domain",
            "domain.yml",
            "--config",
            "config.yml",
            "--data",
            "data",
            "--out",
            folder,
            "--fixed-model-name",
            model.name,
        ]
        done = subprocess.run(
            command,
            cwd=root,
            env={**os.environ, **QUIET},
            stdin=subprocess.DEVNULL,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            errors="replace",
            check=False,
        )
        LOG.write_text(done.stdout, encoding="utf-8")
        made = Path(folder) / model.name
        if done.returncode or not made.is_file():
            fail(
                f"train: Rasa could not train; it said (all of it in {LOG.relative_to(ROOT)}):\n{telling(done.stdout)}"
            )
        made.replace(model)


def ensure_model() -> Path:
    """The model of the files as they stand, trained now if it was not. Of several at once, one trains."""
    if not model_path().is_file():
        LOG.parent.mkdir(parents=True, exist_ok=True)
        with LOG.with_suffix(".lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            while not model_path().is_file():  # again, should a file have changed meanwhile
                with step("Training the model"):
                    train(model_path())
    model = model_path()
    prune(keep=model)
    return model


if __name__ == "__main__":
    try:
        ensure_model()
    except KeyboardInterrupt:
        sys.exit(130)
