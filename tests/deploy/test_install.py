"""One server: the installer's one command ends in a boleto over TLS, upgraded and removed by one command each."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from support import machine
from support.debian import program

from scripts.train import ensure_model

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "deploy" / "systemd"
EXPOSURE = 15
"""Of a hundred, by systemd's own reckoning; from 20 on it speaks of a medium one."""


@pytest.mark.slow
@pytest.mark.parametrize("proxy", ["nginx", "caddy"])
def test_a_bare_machine_serves_a_boleto_over_tls(proxy: str, tmp_path: Path) -> None:
    program(proxy)
    done = machine.run(tmp_path, Path(__file__).with_name("on_the_machine.py"), str(ensure_model()), proxy)
    assert done.returncode == 0, done.stdout[-6000:]
    assert done.stdout.splitlines()[-1] == "done"


@pytest.mark.parametrize("unit", sorted(UNITS.glob("*.service")), ids=lambda unit: unit.stem)
def test_the_units_may_do_little(unit: Path) -> None:
    told = ["security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE}", str(unit)]
    done = subprocess.run([program("systemd-analyze"), *told], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


def test_every_unit_comes_back_by_itself_and_runs_what_there_is() -> None:
    for unit in UNITS.glob("*.service"):
        text = unit.read_text("utf-8")
        assert "User=segunda-via\n" in text
        assert "Restart=always" in text or "Type=oneshot" in text
    target = (UNITS / "segunda-via.target").read_text("utf-8")
    (wanted,) = re.findall(r"^Wants=(.*)$", target, re.MULTILINE)
    for name in wanted.split():
        assert (UNITS / name).exists(), name
