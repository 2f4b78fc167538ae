"""Painel, its lists, its CSV, /metrics and `segunda-via stats`: the same figures everywhere, and no one's data."""

from __future__ import annotations

import asyncio
import csv
import html
import io
import json
import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from support.databases import migrated_sqlite
from typer.testing import CliRunner
from web.operator import NAME, PASSWORD, Operator, new_app

from segunda_via import cli
from segunda_via.app import App
from segunda_via.boletos.outcome import Outcome
from segunda_via.metrics.event import MetricEvent
from segunda_via.metrics.figures import FIGURES
from segunda_via.metrics.recorder import MetricsRecorder
from segunda_via.metrics.stats import LISTED
from segunda_via.settings import panel
from segunda_via.settings.panel import PANEL_SETTING

SECRET = {"authorization": "Bearer the secret of the webhook"}
DOCUMENT = "52998224725"


@pytest.fixture
def app(tmp_path: Path) -> App:
    made = new_app(tmp_path)
    made.operators.add("default", NAME, PASSWORD, by="test")
    start = datetime.now(timezone.utc)
    moment = [start]
    flow = MetricsRecorder(made.engine, made.keys, lambda: moment[0])
    for n in range(3):
        flow.record(MetricEvent.ASKED, "default", f"whatsapp:+{n}")
        flow.record(MetricEvent.DOCUMENT_GIVEN, "default", f"whatsapp:+{n}", tries=1)
        moment[0] += timedelta(seconds=2)
        delivered = {"gateway": "asaas", "amount": Decimal("1234.50"), "outcome": "overdue"}
        flow.record(MetricEvent.DELIVERED, "default", f"whatsapp:+{n}", document=DOCUMENT, **delivered)
        made.tickets.open("default", f"whatsapp:+{n}")
        made.tickets.finish("default", f"whatsapp:+{n}", Outcome.OVERDUE)
        moment[0] = start
    made.tickets.open("default", "whatsapp:+9")
    made.tickets.hand_over("default", "whatsapp:+9", "falar_com_atendente", "quer falar com uma pessoa")
    return made


async def test_the_page_shows_the_figures_and_how_the_hours_are_reckoned(operator: Operator) -> None:
    page = html.unescape((await operator.get("/painel")).text)
    assert "Valor entregue, 30 dias: R$ 3.703,50, ver a lista" in page
    assert "Valor entregue, hoje: R$ 3.703,50, ver a lista" in page
    assert '<td>Asaas <span class="hint">hoje</span></td><td class="n">3</td><td class="n">2,0 s</td>' in page
    assert "Horas poupadas, 30 dias: 0,2," in page, "3 tickets of 5 minutes"
    assert "Pediu uma pessoa" in page
    assert "Por dia, em 30 dias: 3 pedidos, 3 entregues" in page
    assert "Espera do documento à entrega: metade em até 2,0 s, 95% em até 2,0 s" in page
    assert re.search('Passados a uma pessoa <a[^>]*>1</a></td><td class="n">33%</td>', page)
    page = (await operator.post("/painel", minutos="20", versao=operator.hidden("versao"))).text
    assert "Horas poupadas, 30 dias: 1,0," in page
    assert "× 20 minutos" in page
    assert "de 1 a 120" in (await operator.post("/painel", minutos="²", versao=operator.hidden("versao"))).text


async def test_no_code_of_ours_stands_on_the_page_its_lists_or_in_the_terminal(
    operator: Operator, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow, codes = (
        MetricsRecorder(app.engine, app.keys, app.now),
        ("registering", "linha_digitavel, link", "mudar_vencimento"),
    )
    for number, code in enumerate(codes):
        sender = f"whatsapp:+8{number}"
        app.tickets.open("default", sender)
        app.tickets.hand_over("default", sender, code, "quer outra coisa", outcome="unpayable")
    gone = "whatsapp:+89"
    app.tickets.open("default", gone)
    app.tickets.abandon("default", gone)
    flow.record(
        MetricEvent.DELIVERED, "default", gone, outcome="partial", reason="linha_digitavel", gateway="mk_solutions"
    )
    monkeypatch.setenv("SEGUNDA_VIA_DATABASE_URL", str(app.engine.url))
    monkeypatch.setenv("SEGUNDA_VIA_SECRET_KEY", app.environment.secret_key or "")
    shown = [(await operator.get("/painel")).text]
    shown += [(await operator.get(f"/painel/lista?periodo=mes&evento={name}")).text for name in FIGURES]
    ticket = app.journal.recent("default")[1].ticket.id
    for command in (["stats"], ["tickets", "list"], ["tickets", "show", ticket]):
        result = await asyncio.to_thread(CliRunner().invoke, cli.app, command, env={"COLUMNS": "300"})
        assert result.exit_code == 0, result.output
        shown.append(result.output)
    for page in shown:
        read = re.sub(r"<[^>]+>", " ", page)
        for code in (*codes, "linha digitavel", "abandoned", "handed_over", "mk_solutions", "unpayable"):
            assert code not in read, code
        assert not re.search(r"\basaas\b", read)
    assert any("O banco ainda registra o boleto" in page for page in shown)
    assert any("MK Solutions" in page for page in shown)


async def test_of_two_who_change_the_minutes_the_second_is_told(operator: Operator, app: App) -> None:
    await operator.get("/painel")
    PANEL_SETTING.save(app.settings, "default", panel.PanelSettings(7), by="joao", at=app.now())
    answer = await operator.post("/painel", minutos="20", versao=operator.hidden("versao"))
    assert answer.status_code == 409
    assert "oao salvou esta página" in answer.text
    assert PANEL_SETTING.in_force(app.settings, "default").minutes_per_ticket == 7


async def test_a_long_list_has_pages(operator: Operator, app: App) -> None:
    flow = MetricsRecorder(app.engine, app.keys, app.now)
    for n in range(LISTED + 7):
        flow.record(MetricEvent.ABANDONED, "default", f"whatsapp:+{n}")
    first = html.unescape((await operator.get("/painel/lista?evento=abandoned&periodo=hoje")).text)
    assert f"{LISTED + 7} hoje; de 1 a {LISTED}," in first
    assert first.count("<tr><td>") == LISTED
    older = re.search(r'href="/configuracoes([^"]*)" rel="next"', first)
    assert older
    second = html.unescape((await operator.get(older[1])).text)
    assert f"; de {LISTED + 1} a {LISTED + 7}," in second
    assert second.count("<tr><td>") == 7
    assert 'rel="next"' not in second
    assert "Do começo" in second
    for place in ("x", "0001-01-01T00:00:00+23:59_1", "2026-11-25T12:00:00+00:00_99999999999999999999"):
        shown = await operator.get(f"/painel/lista?evento=abandoned&periodo=hoje&depois={quote(place)}&antes=²")
        assert shown.text.count("<tr><td>") == LISTED, "what is no place is the beginning"


async def test_every_figure_opens_the_list_that_it_counts_without_a_document(operator: Operator) -> None:
    page = html.unescape((await operator.get("/painel")).text)
    links = re.findall(r'href="/configuracoes(/painel/lista[^"]*)" aria-label="[^"]*: (\d+), ver a lista"', page)
    a_day = [(address, number) for address, number in links if "periodo=2" in address]
    assert len(a_day) == 30 * 3
    others = {each for each in links if each not in a_day}
    assert {address.partition("&")[0].rpartition("=")[2] for address, _ in others} == set(FIGURES) - {"document_given"}
    for address, number in [*others, *a_day[-6:]]:
        listed = (await operator.get(address)).text
        assert f'<p class="lead">{number} ' in listed, address
        assert listed.count("<tr><td>") == int(number)
        assert DOCUMENT not in listed
    assert "982.247" in (await operator.get("/painel/lista?evento=delivered&periodo=hoje")).text
    assert (await operator.get("/painel/lista?evento=gone")).status_code == 404


async def test_the_csv_holds_the_days_and_no_personal_data(operator: Operator) -> None:
    answer = await operator.get("/painel/csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 30
    assert rows[-1]["Boletos entregues"] == "3"
    assert rows[-1]["Valor entregue"] == "3703,50"
    assert "982" not in answer.text


async def test_metrics_are_guarded_as_the_webhook_is(operator: Operator) -> None:
    client: httpx.AsyncClient = operator.client
    assert (await client.get("/metrics")).status_code == 401
    text = (await client.get("/metrics", headers=SECRET)).text
    assert 'segunda_via_events_total{event="delivered"} 3.0' in text
    assert 'segunda_via_handed_over_total{reason="falar_com_atendente"} 1.0' in text
    assert "segunda_via_delivered_reais_total 3703.5" in text
    assert "# TYPE segunda_via_untouched_tickets gauge\nsegunda_via_untouched_tickets 3.0" in text, "it may fall"
    assert 'segunda_via_delivery_seconds{gateway="asaas",quantile="0.95"} 2.0' in text
    assert "982" not in text


def test_the_terminal_says_the_same(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGUNDA_VIA_DATABASE_URL", migrated_sqlite(tmp_path))
    monkeypatch.setenv("SEGUNDA_VIA_SECRET_KEY", app.environment.secret_key or "")
    told = CliRunner().invoke(cli.app, ["stats"])
    assert told.exit_code == 0, told.output
    assert re.search(r"Boletos entregues +3 +3\b", told.output)
    assert "R$ 3.703,50" in told.output
    assert re.search(r"1 +Pediu uma pessoa", told.output)
    plain = json.loads(CliRunner().invoke(cli.app, ["stats", "--json", "--days", "7"]).output)
    assert plain["period"]["events"]["finished"] == plain["period"]["untouched"] == 3
    assert plain["today"]["seconds"] == {"asaas": {"median": "2", "p95": "2"}}


async def test_the_grafana_board_asks_for_metrics_and_labels_that_exist(operator: Operator) -> None:
    served = (await operator.client.get("/metrics", headers=SECRET)).text
    labels = {
        metric: set(re.findall(r'(\w+)="', " ".join(re.findall(rf"^{metric}\{{(.*)\}} ", served, re.MULTILINE))))
        for metric in re.findall(r"^(segunda_via_\w+)", served, re.MULTILINE)
    }
    board = json.loads((Path(__file__).parents[2] / "deploy" / "grafana.json").read_text("utf-8"))
    targets = [target for panel in board["panels"] for target in panel["targets"]]
    used = set()
    for target in targets:
        (metric,) = re.findall(r"segunda_via_\w+", target["expr"])
        assert metric in labels, metric
        for label, value in re.findall(r'(\w+)="([^"]+)"', target["expr"]):
            assert re.search(rf'^{metric}\{{.*{label}="{value}"', served, re.MULTILINE), target["expr"]
        shown = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
        grouped = set(re.findall(r"by \((\w+)\)", target["expr"]))
        assert shown | grouped <= labels[metric], target["legendFormat"]
        used.add(metric)
    assert used == set(labels), "every metric is on the board"
