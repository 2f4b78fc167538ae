"""The alerts ask for what /metrics serves, and fire when they should."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from support.databases import migrated_sqlite
from support.debian import program

from segunda_via.app import App
from segunda_via.metrics.tally import Tally
from segunda_via.server import metrics_route
from segunda_via.server.load import Load
from segunda_via.server.workers import Workers
from segunda_via.settings.environment import Environment

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "prometheus"
GROUPS = yaml.safe_load((FOLDER / "alerts.yml").read_text("utf-8"))["groups"]
RULES = [rule for group in GROUPS for rule in group["rules"]]


def test_every_metric_and_label_that_they_ask_for_is_served_before_anything_happened(tmp_path: Path) -> None:
    app = App(Environment.read({"SEGUNDA_VIA_DATABASE_URL": migrated_sqlite(tmp_path)}), home=tmp_path)
    served = metrics_route.exposition(Tally(), Tally(), [Load(app, Workers(app))]).decode()
    asked = 0
    for rule in RULES:
        for metric, labels in re.findall(r"\b(segunda_via_\w+)(?:\{(.*?)\})?", rule["expr"]):
            for label, values in re.findall(r'(\w+)=~?"([^"]+)"', labels) or [("", "")]:
                for value in values.split("|"):
                    wanted = rf'^{metric}\{{.*{label}="{value}"' if label else rf"^{metric}[ {{]"
                    assert re.search(wanted, served, re.MULTILINE), f"{metric} {label}={value}"
                    asked += 1
    assert asked > 10


def test_each_says_in_portuguese_what_to_do_and_stands_in_the_guide() -> None:
    guide = (ROOT / "docs" / "operations.md").read_text("utf-8")
    alerts = [rule for rule in RULES if "alert" in rule]
    for rule in alerts:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"].keys() == {"summary", "description"}
        assert f"`{rule['alert']}`" in guide, rule["alert"]
    assert set(re.findall(r"`(SegundaVia\w+)`", guide)) == {rule["alert"] for rule in alerts}


@pytest.mark.parametrize("command", [["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]])
def test_prometheus_takes_them_and_they_fire_when_they_should(command: list[str]) -> None:
    done = subprocess.run([program("promtool"), *command], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
