"""`rasa shell` for `make chat`: quiet, and its prompt appears only when the servers behind it answer.

    python -m scripts.shell <go> <log> [arguments of `rasa shell`]

Importing Rasa takes most of the start, so it happens while the servers start; then the port to serve on is awaited, as
a line, on the file descriptor `go` (its end means: give up). What Rasa logs goes to the file `log` instead of between
the customer's lines.
"""

from __future__ import annotations

import os
import sys
from typing import Any


def main() -> None:
    go, log, *arguments = sys.argv[1:]
    with open(log, "ab") as sink:  # noqa: PTH123 (the descriptor itself is wanted: libraries in C write there as well)
        os.dup2(sink.fileno(), sys.stderr.fileno())

    import rasa.__main__
    import rasa.core.agent
    import rasa.core.run
    import rasa.engine.recipes.default_recipe  # (brings TensorFlow in now rather than after the prompt)
    from rasa.core.channels import console

    from segunda_via.rasa_plugin import in_force
    from segunda_via.rasa_plugin.patches import model_reload

    model_reload.install()  # what is trained while one talks is understood without starting again
    in_force.install()

    ask = console._get_user_input

    async def ask_or_leave(previous: Any) -> Any:
        """Rasa 3.6 lets Ctrl-D kill the task that reads, and then waits for ever; here it leaves, as /stop does."""
        try:
            return await ask(previous)
        except EOFError:
            return None

    console._get_user_input = ask_or_leave
    with os.fdopen(int(go)) as gate:
        port = gate.readline().strip()
    if port:
        sys.argv = ["rasa", "shell", "--port", port, *arguments]
        rasa.__main__.main()


if __name__ == "__main__":
    main()
