"""Runs a module as `python -m` does, and writes the kind of every SQLite statement to a file, a line each.

    python bench/traced.py <this project> <file> <module>[:<function>] [arguments]

SQLite itself tells of each statement that it runs, through `set_trace_callback`. The module may be an older checkout's:
nothing of this project is imported but `bench.statements`, and nothing of that is changed.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import runpy
import sqlite3
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    project, file, module = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    spec: Any = importlib.util.spec_from_file_location("statements", project / "bench" / "statements.py")
    statements = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(statements)
    told = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    connect = sqlite3.connect

    def traced(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection = connect(*args, **kwargs)
        connection.set_trace_callback(lambda text: os.write(told, f"{statements.kind(text)}\n".encode()) and None)
        return connection

    sqlite3.connect = sqlite3.dbapi2.connect = traced  # type: ignore[assignment]
    sys.path[0] = str(Path.cwd())
    sys.argv = sys.argv[3:]
    name, _, function = module.partition(":")
    if function:
        getattr(importlib.import_module(name), function)()
    else:
        runpy.run_module(name, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
