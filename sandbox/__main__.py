"""`python -m sandbox`: run every simulator until interrupted. `python -m sandbox --personas`: who can be tried."""

from __future__ import annotations

import argparse
import sys

from sandbox.server import Sandbox, Server, listen, table
from segunda_via import clock


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8085, help="0 picks a free one (default: 8085)")
    parser.add_argument("--personas", action="store_true", help="print the documents to try, and stop")
    options = parser.parse_args()
    if options.personas:
        _say(table(clock.today()))
        return 0
    try:
        listener = listen(options.host, options.port)
    except (OSError, OverflowError) as error:
        sys.stderr.write(f"sandbox: cannot listen on {options.host}:{options.port} ({error}).\n")
        return 1
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    Server(Sandbox(), ready=lambda: _say(f"sandbox: ready at http://{shown}:{port}")).run([listener])
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
