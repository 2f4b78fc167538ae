"""`make chat`: the assistant in this terminal, against a sandbox gateway, with nothing configured.

Starts the sandbox, the public server (for the links, and the settings screen) and the action server on free ports,
waits until each answers, says which documents to try, and opens `rasa shell`. When the shell ends, by /stop, Ctrl-C,
Ctrl-D, a kill or a closed terminal, everything ends. What it keeps (database, tracker) stands in `var/sandbox/` (or
`--data`), apart from what an operator saved.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import select
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

from scripts import endpoints
from scripts.playground import cast, confirm_payee, environment, gateway_settings
from scripts.processes import (
    LOGS,
    ROOT,
    DidNotStart,
    Servers,
    any_port,
    die_with_parent,
    leave_on_signals,
    public_server,
    tie_to_parent,
)
from scripts.progress import fail, say
from scripts.train import model_path
from segunda_via.storage import private_files

SHELL_LOG = LOGS / "rasa-shell.log"


@contextlib.contextmanager
def terminal_restored() -> Iterator[None]:
    """Leave the terminal as it was, even when a shell that had it in raw mode was killed."""
    try:
        before = termios.tcgetattr(sys.stdin)
    except (termios.error, ValueError, OSError):
        yield  # not a terminal
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        with contextlib.suppress(termios.error):
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


@contextlib.contextmanager
def shell(model: Path, config: Path, told: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`rasa shell`, importing at once and waiting for its port on the returned descriptor; ended with the block."""
    LOGS.mkdir(parents=True, exist_ok=True)
    SHELL_LOG.write_bytes(b"")
    waits, go = os.pipe()
    command = [sys.executable, "-m", "scripts.shell", str(waits), str(SHELL_LOG), "--model", str(model)]
    process = subprocess.Popen(
        [*command, "--endpoints", str(config), "--interface", "127.0.0.1", "--quiet"],
        cwd=ROOT,
        env=told,
        pass_fds=[waits],
        preexec_fn=die_with_parent(),
    )
    os.close(waits)
    try:
        yield process, go
    finally:
        with contextlib.suppress(OSError):
            os.close(go)
        process.terminate()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def end_of(process: subprocess.Popen[bytes]) -> int:
    """Wait for the shell to end, or for the terminal to be closed, which a shell at its prompt does not notice."""
    terminal = select.poll()
    if sys.stdin.isatty():
        terminal.register(sys.stdin, 0)  # no event but POLLHUP, which is always told
    while not terminal.poll(0):
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(0.5)
    return 128 + signal.SIGHUP


def open_servers(servers: Servers, gateway: str, told: dict[str, str]) -> str:
    """Start the servers; say where each answers and what to try; return the action server's address."""
    module = [sys.executable, "-m"]
    sandbox = servers.start_on_free_port("sandbox", 8085, lambda port: [*module, "sandbox", "--port", str(port)], told)
    say(f"sandbox        ready at {sandbox.address}")
    told = {**told, **gateway_settings(sandbox, gateway)}
    confirm_payee(told, sandbox, gateway)

    def public(port: int) -> list[str]:
        return ["/usr/bin/env", f"SEGUNDA_VIA_PUBLIC_URL=http://127.0.0.1:{port}", *public_server(port)]

    public_one = servers.start_on_free_port("public server", 8000, public, told, "/health/live")
    say(f"public server  ready at {public_one.address}")
    told["SEGUNDA_VIA_PUBLIC_URL"] = public_one.address
    command = [*module, "rasa_sdk", "--actions", "actions", "--port"]
    actions = servers.start_on_free_port("action server", 5055, lambda port: [*command, str(port)], told)
    say(f"action server  ready at {actions.address}")
    say(f"\n{cast(sandbox)}\n\nThe limits against lists of documents are off here. Logs: var/log/. To leave: /stop\n")
    return actions.address


def chat(gateway: str, data: Path) -> int:
    secret = secrets.token_urlsafe(32)
    # a turn may take 12 s; Rasa's shell gives up after 10
    told = {**environment(data, secret), "RASA_SHELL_STREAM_READING_TIMEOUT_IN_SECONDS": "60"}
    config = data / f"endpoints-{os.getpid()}.yml"
    data.mkdir(parents=True, exist_ok=True)
    try:
        with terminal_restored(), shell(model_path(), config, told) as (process, go), Servers() as servers:
            address = open_servers(servers, gateway, told)
            endpoints.write(config, f"{address}/webhook", secret, data / "tracker.db")
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the shell's from here on; its end is waited for
            os.write(go, f"{any_port()}\n".encode())
            ended = end_of(process)
            if ended not in {0, 128 + signal.SIGHUP}:
                words = SHELL_LOG.read_text(encoding="utf-8", errors="replace").splitlines()[-12:]
                sys.stderr.write("\n".join(["chat: rasa shell ended with an error; its last lines:", *words]) + "\n")
            return ended if ended >= 0 else 128 - ended
    finally:
        config.unlink(missing_ok=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make chat", description="Talk to the assistant against a sandbox gateway.")
    parser.add_argument("--gateway", default="asaas")
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "sandbox", help="where this run keeps its database")
    arguments = parser.parse_args()
    private_files.begin(ROOT / "var")
    leave_on_signals()
    tie_to_parent()  # should make be killed outright, this ends too, and orderly
    try:
        return chat(arguments.gateway, arguments.data.resolve())
    except DidNotStart as error:
        fail(f"chat: {error}")


if __name__ == "__main__":
    sys.exit(main())
