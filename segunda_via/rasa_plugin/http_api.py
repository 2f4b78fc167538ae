"""Rasa's HTTP API, which `--enable-api` opens: it reads every conversation and speaks as any customer.

Without a token or a JWT secret it does so for whoever reaches the port, a web page in a browser of this machine
included. Rasa only takes them as arguments, which are read here by Rasa's own parser: in every spelling it takes.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import PurePath

OPEN = (
    "--enable-api sem token deixa quem alcança esta porta ler e escrever todas as conversas: "
    "acrescente --auth-token com um texto longo e aleatório, ou --jwt-secret"
)


def is_open(arguments: Sequence[str]) -> bool:
    """Whether `rasa run` with these arguments opens its API to everyone."""
    from rasa.cli.arguments.run import set_run_arguments

    parser = argparse.ArgumentParser(prog="rasa run", conflict_handler="resolve")
    set_run_arguments(parser)
    told, _ = parser.parse_known_args(list(arguments))
    return bool(told.enable_api) and not told.auth_token and not (told.jwt_secret and told.jwt_method)


def of_rasa_run(argv: Sequence[str]) -> Sequence[str]:
    """The arguments of `rasa run`, by the command line of a process; none when it is another command.

    >>> of_rasa_run(["/usr/bin/rasa", "run", "--enable-api"]), of_rasa_run(["pytest", "-k", "run"])
    (['--enable-api'], [])
    """
    command = PurePath(argv[0] if argv else "")
    is_rasa = command.name == "rasa" or command.parts[-2:] == ("rasa", "__main__.py")
    return argv[argv.index("run") + 1 :] if is_rasa and "run" in argv else []
