"""`make validate`: Rasa's own check of domain, rules and examples, with every warning a failure.

`rasa data validate --fail-on-warnings` answers 0 with unused intents, and its domain checks only warn; so the same
checks are run here, and each warning is kept. One kind is left out: Rasa calls a response unused when no rule says it,
but most of ours are said by actions; that each is used somewhere is a test's matter.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import warnings

from scripts.progress import say, step
from scripts.train import QUIET, ROOT

SAID_BY_ACTIONS = re.compile(r"The utterance 'utter_\w+' is not used in any story or rule\.")


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
            validate_files(fail_on_warnings=False, max_history=None, importer=importer)
            refused = []
        except SystemExit:
            refused = ["Rasa refuses it: see `rasa data validate`"]
    told = [" ".join(str(each.message).split()) for each in caught]
    return [text for text in told if not SAID_BY_ACTIONS.fullmatch(text)] + refused


def main() -> int:
    os.environ.update(QUIET)
    with step("Checking domain, rules and examples"):
        found = problems()
    for text in found:
        say(f"  {text}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
