"""`python -m sandbox`: run every simulator until interrupted. `python -m sandbox --personas`: who can be tried."""

from __future__ import annotations

import argparse
import sys

from sandbox.server import Sandbox, Server, listen, table
from sandbox.tickets import Tickets
from sandbox.twilio import Timing
from segunda_via import clock

PHONE = Timing(sent=0.15, delivered=0.2)
"""About as quick as real ones; what is read, the phone page says."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8085, help="0 picks a free one (default: 8085)")
    parser.add_argument("--personas", action="store_true", help="print the documents to try, and stop")
    parser.add_argument("--database", help="SQLAlchemy URL of the product's database: the phone shows its tickets")
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
    sandbox = Sandbox(timing=PHONE, tickets=Tickets(options.database) if options.database else None)
    sandbox.twilio.account.strangers = False
    Server(sandbox, ready=lambda: _say(f"sandbox: ready at http://{shown}:{port}")).run([listener])
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
