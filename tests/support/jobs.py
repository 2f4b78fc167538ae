"""The queues' jobs as they stand in the database."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Engine, Row

from segunda_via.job_queue.job import WAITING, jobs


def stored_jobs(engine: Engine, queue: str, **columns: object) -> Sequence[Row]:
    """The jobs of that queue whose `columns` have these values, in the order in which they were put."""
    wanted = [jobs.c[name] == value for name, value in columns.items()]
    query = sa.select(jobs).where(jobs.c.queue == queue, *wanted).order_by(jobs.c.id)
    with engine.connect() as connection:
        return connection.execute(query).all()


def nothing_waits(engine: Engine, queue: str) -> bool:
    """Whether no job of that queue is still to be handled, now or later."""
    return not stored_jobs(engine, queue, state=WAITING)
