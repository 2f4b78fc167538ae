"""`rasa shell` for `make chat`: quiet, and its prompt appears only when the servers behind it answer.

    python -m scripts.shell <go> <log> [arguments of `rasa shell`]

Importing Rasa takes most of the start, so it happens while the servers start; then the port to serve on is awaited, as
a line, on the file descriptor `go` (its end means: give up). What Rasa logs goes to the file `log` instead of between
the customer's lines.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    go, log, *arguments = sys.argv[1:]
    with open(log, "ab") as sink:  # noqa: PTH123 (the descriptor itself is wanted: libraries in C write there as well)
        os.dup2(sink.fileno(), sys.stderr.fileno())

    import rasa.__main__
    import rasa.core.agent
    import rasa.core.run
    import rasa.engine.recipes.default_recipe  # (brings TensorFlow in now rather than after the prompt)

    from segunda_via.rasa_plugin.patches import (
        model_reload,
        redacted_logs,
        shell_end_of_input,
        tracker_store_in_force,
    )

    redacted_logs.install()
    model_reload.install()  # what is trained while one talks is understood without starting again
    tracker_store_in_force.install()
    shell_end_of_input.install()
    with os.fdopen(int(go)) as gate:
        port = gate.readline().strip()
    if port:
        sys.argv = ["rasa", "shell", "--port", port, *arguments]
        rasa.__main__.main()


if __name__ == "__main__":
    main()
