"""`rasa run`, whose server takes up a newly trained model by itself.

python -m scripts.serve [arguments of `rasa run`]
"""

from __future__ import annotations

import sys


def main() -> None:
    import rasa.__main__

    from segunda_via.nlu import renewal

    renewal.install()
    sys.argv = ["rasa", "run", *sys.argv[1:]]
    rasa.__main__.main()


if __name__ == "__main__":
    main()
