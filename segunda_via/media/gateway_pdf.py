"""The gateway's PDF, before a customer sees it: read by a process that may die, and held against the invoice.

What is served is the clean copy that `pdf_reader.py` makes, never the bytes that came. It is refused when any code that
can be read on it pays something else than the invoice: a barcode, a linha digitável, the QR code of a Pix. Where none
can be read, nothing speaks against it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path
from typing import cast

import async_timeout

from segunda_via.boletos import linha_digitavel, pix
from segunda_via.errors import MediaRefused, MediaUnavailable
from segunda_via.media.slip import Slip

_LIBRARIES = dict.fromkeys(str(distribution(each).locate_file("")) for each in ("pypdfium2", "zxing-cpp"))
PROGRAM = (sys.executable, "-I", "-S", str(Path(__file__).with_name("pdf_reader.py")), *_LIBRARIES)
TIMEOUT = 10.0
"""Seconds that a PDF may take, the wait for a free place included."""
MAX_BYTES = 24 * 1024 * 1024
"""Of what the program answers."""

_AT_ONCE = 2  # each may take half a gigabyte, and a processor
_BARCODE = re.compile(r"[0-9]{44}")
_LINES = re.compile(
    r"\b[0-9]{5}\.?[0-9]{5}\s+[0-9]{5}\.?[0-9]{6}\s+[0-9]{5}\.?[0-9]{6}\s+[0-9]\s+[0-9]{14}\b"
    r"|\b(?:[0-9]{11}[ -]{0,3}[0-9]\s+){3}[0-9]{11}[ -]{0,3}[0-9]\b"
)


@dataclass(frozen=True)
class Reading:
    """A clean PDF, and what can be read on it."""

    pdf: bytes = field(repr=False)
    barcodes: Sequence[str] = field(default=(), repr=False)
    qr_codes: Sequence[str] = field(default=(), repr=False)
    text: str = field(default="", repr=False)


class PdfReader:
    """Reads each PDF in a process of its own. `program` takes one on its input and answers as `pdf_reader.py` does."""

    def __init__(self, program: Sequence[str] = PROGRAM, *, timeout: float = TIMEOUT) -> None:
        self._program = program
        self._timeout = timeout
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def checked(self, content: bytes, slip: Slip) -> bytes:
        """The clean PDF. MediaRefused when it is none or of another invoice, MediaUnavailable when time is up."""
        try:
            async with async_timeout.timeout(self._timeout), self._places:
                reading = _reading(await self._answer(content))
        except asyncio.TimeoutError:
            raise MediaUnavailable("reading it took too long") from None
        wrong = contradiction(reading, slip)
        if wrong:
            raise MediaRefused(wrong)
        return reading.pdf

    async def _answer(self, content: bytes) -> bytes:
        pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(
            *self._program, stdin=pipe, stdout=pipe, stderr=nothing, env={}, close_fds=True
        )
        try:
            _, answer = await asyncio.gather(
                _write(cast(asyncio.StreamWriter, process.stdin), content),
                _read(cast(asyncio.StreamReader, process.stdout)),
            )
            if await process.wait() != 0:
                raise MediaRefused("it is not a PDF that can be read")
            return answer
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


def contradiction(reading: Reading, slip: Slip) -> str | None:
    """Why the PDF is not this invoice's; None when nothing that can be read on it says so."""
    barcode = linha_digitavel.to_barcode(slip.linha_digitavel) if slip.linha_digitavel else None
    if any(_BARCODE.fullmatch(each) and each != barcode for each in reading.barcodes):
        return "its barcode is of another boleto"
    if any(line != slip.linha_digitavel for line in _lines(reading.text)):
        return "its linha digitável is of another boleto"
    if any(each.startswith("000201") and pix.compact(each) != slip.pix for each in reading.qr_codes):
        return "its QR code is of a Pix that is not this invoice's"
    return None


def _lines(text: str) -> Iterator[str]:
    for written in _LINES.findall(text):
        if linha_digitavel.is_valid(line := linha_digitavel.compact(written)):
            yield line


def _reading(answer: bytes) -> Reading:
    # The program is believed no more than what it read: it may have been taken over.
    head, _, content = answer.partition(b"\n")
    try:
        said = json.loads(head)
        read = Reading(content, _texts(said["barcodes"]), _texts(said["qr_codes"]), str(said["text"]))
    except (ValueError, KeyError, TypeError):
        raise MediaRefused("it is not a PDF that can be read") from None
    if not content.startswith(b"%PDF-"):
        raise MediaRefused("it is not a PDF that can be read")
    return read


def _texts(value: object) -> Sequence[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


async def _write(stdin: asyncio.StreamWriter, content: bytes) -> None:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it died; how it ended says so
        stdin.write(content)
        await stdin.drain()
    stdin.close()


async def _read(stdout: asyncio.StreamReader) -> bytes:
    answer = bytearray()
    while chunk := await stdout.read(65536):
        answer += chunk
        if len(answer) > MAX_BYTES:
            raise MediaRefused("it is too large")
    return bytes(answer)
