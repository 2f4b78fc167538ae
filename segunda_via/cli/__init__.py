"""`segunda-via`: the operator's commands. What they print is Brazilian Portuguese."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from segunda_via import log_redaction
from segunda_via.cli import (
    backup,
    data_subject,
    doctor,
    keywords,
    lookup,
    migrate,
    phrases,
    plugin,
    purge,
    queue,
    serve,
    settings,
    stats,
    tickets,
    twilio,
    users,
)
from segunda_via.errors import GatewayError, SegundaViaError
from segunda_via.gateways.error_words import in_words

app = typer.Typer(
    help="Segunda via de boleto: configurar, conferir e acompanhar.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("backup")(backup.backup)
app.command("doctor")(doctor.command)
app.command("lookup")(lookup.command)
app.command("migrate")(migrate.command)
app.command("purge")(purge.command)
app.command("restore")(backup.restore)
app.command("serve")(serve.command)
app.command("stats")(stats.command)
app.add_typer(keywords.app, name="keywords")
app.add_typer(phrases.app, name="phrases")
app.add_typer(plugin.app, name="plugin")
app.add_typer(data_subject.app, name="privacy")
app.add_typer(queue.app, name="queue")
app.add_typer(settings.app, name="settings")
app.add_typer(tickets.app, name="tickets")
app.add_typer(twilio.app, name="twilio")
app.add_typer(users.app, name="users")


def main() -> None:
    """Run a command; what goes wrong is one line, not a traceback."""
    log_redaction.install(everything=True)
    try:
        app()
    except SegundaViaError as error:
        line = f"{in_words(error)} ({error})" if isinstance(error, GatewayError) else str(error)
        console = Console(stderr=True, highlight=False)
        console.print("[red]✗[/red]", end=" ")
        console.print(line, markup=False, soft_wrap=True)
        sys.exit(1)
