"""`make validate`: Rasa's own check of domain, rules and examples, with every warning a failure.

`rasa data validate --fail-on-warnings` answers 0 with unused intents and responses, and its domain checks only warn;
so the same checks are run here, each warning is kept, and any fails the command.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings

from scripts.progress import say, step
from scripts.train import QUIET, ROOT


def problems() -> list[str]:
    """What Rasa finds wrong, one line each."""
    from rasa.cli.utils import validate_files
    from rasa.shared.importers.importer import TrainingDataImporter

    root = str(ROOT)
    logging.disable(logging.WARNING)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", UserWarning)
        importer = TrainingDataImporter.load_from_config(f"{root}/config.yml", f"{root}/domain.yml", [f"{root}/data"])
        try:
            validate_files(fail_on_warnings=True, max_history=None, importer=importer)
        except SystemExit:
            caught_all = [str(each.message) for each in caught] or ["the stories or rules contradict each other"]
        else:
            caught_all = [str(each.message) for each in caught]
    return [" ".join(text.split()) for text in caught_all]


def main() -> int:
    os.environ.update(QUIET)
    with step("Checking domain, rules and examples"):
        found = problems()
    for text in found:
        say(f"  {text}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
