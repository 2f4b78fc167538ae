"""Many small writes in one: what arrives while one is being written goes into the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from sqlalchemy.engine import Connection, Engine

from segunda_via.storage.database import single

T = TypeVar("T")
_MOST_AT_ONCE = 100


class GroupCommit(Generic[T]):
    """`write` writes what has gathered, all or nothing, in one statement; in a thread of its own, which nothing else
    keeps busy.
    """

    def __init__(self, engine: Engine, write: Callable[[Connection, Sequence[T]], None], name: str) -> None:
        self._engine = engine
        self._write = write
        self._gathered: list[tuple[T, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, name)

    async def __call__(self, one: T) -> None:
        """Returns when it is safe; raises what the database raised, to all that were written with it."""
        safe: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._gathered.append((one, safe))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        await safe

    async def _write_all(self) -> None:
        while self._gathered:
            batch, self._gathered = self._gathered[:_MOST_AT_ONCE], self._gathered[_MOST_AT_ONCE:]
            error: Exception | None = None
            try:
                await asyncio.get_running_loop().run_in_executor(self._thread, self._commit, [one for one, _ in batch])
            except Exception as raised:
                error = raised
            for _, safe in batch:
                if safe.done():  # whoever waited has gone
                    continue
                if error is None:
                    safe.set_result(None)
                else:
                    safe.set_exception(error)

    def _commit(self, batch: Sequence[T]) -> None:
        with single(self._engine) as connection:
            self._write(connection, batch)
