"""`rasa run`, whose server takes up a newly trained model by itself and starts with the configured tracker store alone.

python -m scripts.rasa_run [arguments of `rasa run`]
"""

from __future__ import annotations

import sys

from scripts.progress import fail
from segunda_via.rasa_plugin import http_api


def main() -> None:
    if http_api.is_open(sys.argv[1:]):
        fail(http_api.OPEN)
    import rasa.__main__

    from segunda_via.rasa_plugin.patches import model_reload, redacted_logs, tracker_store_in_force

    redacted_logs.install()
    model_reload.install()
    tracker_store_in_force.install()
    sys.argv = ["rasa", "run", *sys.argv[1:]]
    rasa.__main__.main()


if __name__ == "__main__":
    main()
