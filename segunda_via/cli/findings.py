"""Findings of probes, one a line; what is bad ends the command with an exit code."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import typer
from rich.console import Console

from segunda_via.operations.probes.probe import Finding, Level

_MARKS = {
    Level.OK: "[green]✓[/green]",
    Level.WARNING: "[yellow]![/yellow]",
    Level.FAILURE: "[red]✗[/red]",
    Level.UNKNOWN: "[red]?[/red]",
}


def show(findings: Iterable[Finding]) -> None:
    console = Console(highlight=False)
    for finding in findings:
        console.print(f"{_MARKS[finding.level]} {finding.title:<17}", end=" ")
        console.print(line(finding), markup=False, soft_wrap=True)


def report(findings: Sequence[Finding], *, as_json: bool) -> None:
    """Show them, to people or to programs, and end with the exit code."""
    if as_json:
        told = [{"subject": each.subject, "level": each.level, "detail": line(each)} for each in findings]
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        show(findings)
    end(findings)


def line(finding: Finding) -> str:
    """How it is, what to do about it, and how here.

    >>> line(Finding("model", Level.FAILURE, "nenhum modelo treinado", "treine um", terminal="`make train`"))
    'nenhum modelo treinado: treine um (`make train`)'
    """
    told = f"{finding.detail}: {finding.advice}" if finding.advice else finding.detail
    return f"{told} ({finding.terminal})" if finding.terminal else told


def end(findings: Iterable[Finding]) -> None:
    """Exit code 1 when one of them failed; 3 when none did, but one could not be told."""
    levels = {finding.level for finding in findings}
    if Level.FAILURE in levels:
        raise typer.Exit(1)
    if Level.UNKNOWN in levels:
        raise typer.Exit(3)
