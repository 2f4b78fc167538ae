"""`rasa run`, whose server takes up a newly trained model by itself and starts with the configured tracker store alone.

python -m scripts.serve [arguments of `rasa run`]
"""

from __future__ import annotations

import sys


def main() -> None:
    import rasa.__main__

    from segunda_via.nlu import renewal
    from segunda_via.rasa_plugin import in_force

    renewal.install()
    in_force.install()
    sys.argv = ["rasa", "run", *sys.argv[1:]]
    rasa.__main__.main()


if __name__ == "__main__":
    main()
