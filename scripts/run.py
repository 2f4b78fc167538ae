"""`make run`: the Rasa server and the action server together, with the gateway that was configured.

Both print on this terminal, and listen on this machine alone: `--interface` and SANIC_HOST say otherwise. Ports: 5005
and 5055, or those of `--port` and `--actions-port`. The secret between them is `SEGUNDA_VIA_ACTION_SECRET` when set,
and made up for the run otherwise. When one of them ends, so does the other.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import time

from scripts import endpoints
from scripts.processes import ROOT, DidNotStart, die_with_parent, free_port, leave_on_signals, stop, tie_to_parent
from scripts.progress import fail, say
from scripts.train import QUIET, model_path
from segunda_via.rasa_plugin import http_api
from segunda_via.storage import private_files


def run(port: int, actions_port: int, rest: list[str]) -> int:
    if http_api.is_open(rest):
        fail(f"run: {http_api.OPEN}")
    for wanted in (port, actions_port):
        if free_port(wanted) != wanted:
            fail(
                f"run: a porta {wanted} está em uso: encerre o que a usa, ou escolha outra com --port e --actions-port"
            )
    secret = os.environ.get("SEGUNDA_VIA_ACTION_SECRET") or secrets.token_urlsafe(32)
    told = {**os.environ, **QUIET, "SEGUNDA_VIA_ACTION_SECRET": secret}
    config = endpoints.write(
        ROOT / "var" / f"endpoints-{os.getpid()}.yml", f"http://127.0.0.1:{actions_port}/webhook", secret
    )
    commands = {
        "action server": ["rasa_sdk", "--actions", "actions", "--port", str(actions_port)],
        "Rasa server": [
            "scripts.serve",
            "--model",
            str(model_path()),
            "--endpoints",
            str(config),
            "--port",
            str(port),
            "--interface",
            "127.0.0.1",
            *rest,
        ],
    }
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            running[name] = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=told,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=die_with_parent(),
            )
        say(f"Rasa server on port {port}, action server on port {actions_port}; Ctrl-C ends both.")
        while True:
            for name, process in running.items():
                if process.poll() is not None:
                    fail(f"run: o processo {name} terminou ({process.returncode}); o motivo está acima")
            time.sleep(0.2)
    finally:
        stop(list(running.values()), seconds=20)  # Rasa's server finishes the turns under way first
        config.unlink(missing_ok=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make run", description="Run both servers; other arguments go to `rasa run`.")
    parser.add_argument("--port", type=int, default=5005)
    parser.add_argument("--actions-port", type=int, default=5055)
    arguments, rest = parser.parse_known_args()
    private_files.begin(ROOT / "var")
    leave_on_signals()
    tie_to_parent()
    try:
        return run(arguments.port, arguments.actions_port, rest)
    except DidNotStart as error:
        fail(f"run: {error}")


if __name__ == "__main__":
    sys.exit(main())
