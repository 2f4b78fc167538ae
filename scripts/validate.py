"""`make validate`: Rasa's own check of domain, rules and examples, with every warning a failure.

`rasa data validate --fail-on-warnings` answers 0 with unused intents, and its domain checks only warn; so the same
checks are run here, and each warning is kept. Three kinds are left out: Rasa calls a response unused when no rule says
it, but most of ours are said by actions (a test holds that each is used); it tells of slot auto-fill at every load; and
it misses examples of the intents that code finds or a job says.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import warnings
from pathlib import Path

from scripts.progress import say, step
from scripts.train import QUIET, ROOT
from segunda_via.conversation.inactivity import INACTIVE
from segunda_via.conversation.menu import BY_CODE
from segunda_via.delivery.late_deliveries import DELIVER_LATE

SAID_BY_NOBODY = BY_CODE | {INACTIVE, DELIVER_LATE}
"""Intents without examples: code finds them, or a job says them."""
EXPECTED = re.compile(
    r"The utterance 'utter_\w+' is not used in any story or rule\.|Slot auto-fill has been removed.*"
    rf"|The intent '(?:{'|'.join(sorted(SAID_BY_NOBODY))})' is listed in the domain file, but is not found in .*"
)


def problems(root: Path = ROOT) -> list[str]:
    """What Rasa finds wrong, one line each."""
    from rasa.cli.utils import validate_files
    from rasa.shared.importers.importer import TrainingDataImporter

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", UserWarning)
        importer = TrainingDataImporter.load_from_config(
            str(root / "config.yml"), str(root / "domain.yml"), [str(root / "data")]
        )
        try:
            validate_files(fail_on_warnings=False, max_history=None, importer=importer)
            refused = []
        except SystemExit:
            refused = ["Rasa refuses it: see `rasa data validate`"]
    told = [" ".join(str(each.message).split()) for each in caught]
    return [text for text in told if not EXPECTED.fullmatch(text)] + refused


def main() -> int:
    os.environ.update(QUIET)
    logging.disable(logging.WARNING)
    with step("Checking domain, rules and examples"):
        found = problems()
    for text in found:
        say(f"  {text}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
