"""The screen's templates: escaped always, times in São Paulo, secrets by their last four characters."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

HERE = Path(__file__).parent
_SAO_PAULO = ZoneInfo("America/Sao_Paulo")


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Built at the first page: a server that nobody configures does not pay for it."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        moment=moment, ago=ago, last_four=last_four, sentence=sentence, whatsapp=whatsapp, thousands=thousands
    )
    return made


def render(template: str, **values: Any) -> str:
    return environment().get_template(template).render(**values)


def moment(value: datetime | None) -> str:
    """
    >>> from datetime import timezone
    >>> moment(datetime(2026, 11, 25, 12, 5, tzinfo=timezone.utc))
    '25/11/2026 às 09:05'
    """
    return value.astimezone(_SAO_PAULO).strftime("%d/%m/%Y às %H:%M") if value else "—"


def ago(span: timedelta) -> str:
    """
    >>> ago(timedelta(seconds=20)), ago(timedelta(minutes=1)), ago(timedelta(hours=30)), ago(timedelta(days=12))
    ('há instantes', 'há 1 minuto', 'há 1 dia', 'há 12 dias')
    """
    seconds = int(span.total_seconds())
    for size, one, many in ((86_400, "dia", "dias"), (3600, "hora", "horas"), (60, "minuto", "minutos")):
        if seconds >= size:
            count = seconds // size
            return f"há {count} {one if count == 1 else many}"
    return "há instantes"


def last_four(secret: str) -> str:
    """The end of a secret, and of a short one less: never more than a quarter of it.

    >>> last_four("$aact_hmlg_000segundavia"), last_four("12345678"), last_four("abc")
    ('…avia', '…78', '…')
    """
    shown = min(4, len(secret) // 4)
    return f"…{secret[-shown:]}" if shown else "…"


def phone(number: str) -> str:
    """
    >>> phone("whatsapp:+5547999990001"), phone("whatsapp:+1")
    ('+55 47 99999-0001', '+1')
    """
    plain = number.removeprefix("whatsapp:")
    try:
        return phonenumbers.format_number(phonenumbers.parse(plain), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return plain


def sentence(line: str) -> Markup:
    """One line as a sentence, what stands between grave accents as code; everything else escaped.

    >>> print(sentence("não há `Fila <1>`"))
    Não há <code>Fila &lt;1&gt;</code>.
    """
    html = re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(f"{line[:1].upper()}{line[1:]}")))
    return Markup(html if html.endswith((".", "!", "?")) else f"{html}.")  # noqa: S704  escaped above


def thousands(number: int) -> str:
    """
    >>> thousands(1315), thousands(42)
    ('1.315', '42')
    """
    return f"{number:,}".replace(",", ".")


def whatsapp(text: str) -> Markup:
    """What WhatsApp shows for its signs: *bold*, _italic_, ~struck~, `code`, > quotes and - lists; the rest escaped.

    >>> whatsapp("*Oi*, a_b_c, <b> e `*não*`\\n- um\\n> dito")
    Markup('<b>Oi</b>, a_b_c, &lt;b&gt; e <code>*não*</code>\\n• um\\n<span class="quoted">dito</span>')
    """
    html = str(escape(text))
    html = re.sub(r"(?m)^[-*] (?=\S)", "• ", html)
    html = re.sub(r"(?m)^&gt; (.*)$", r'<span class="quoted">\1</span>', html)
    pieces = re.split(r"```(.+?)```|`([^`\n]+?)`", html, flags=re.DOTALL)
    shown = [_emphasised(pieces[0])]
    for block, inline, after in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        shown += [f"<code>{block or inline}</code>", _emphasised(after)]
    return Markup("".join(shown))  # noqa: S704  escaped above, and only these tags are added


def _emphasised(html: str) -> str:
    for sign, tag in (("*", "b"), ("_", "i"), ("~", "s")):
        mark = re.escape(sign)
        spoken = rf"(?<![\w{mark}]){mark}(?=\S)([^{mark}\n]+?)(?<=\S){mark}(?![\w{mark}])"
        html = re.sub(spoken, rf"<{tag}>\1</{tag}>", html)
    return html
