"""The outbox's worker alone, without Rasa, until somebody kills it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from segunda_via.app import App
from segunda_via.job_queue.worker import Worker
from segunda_via.settings.environment import Environment


async def main() -> None:
    app = App(Environment.read(os.environ), home=Path(os.environ["HOME_OF_TEST"]))
    await Worker(app.outbox, app.sender, name="outbox").run()


if __name__ == "__main__":
    asyncio.run(main())
