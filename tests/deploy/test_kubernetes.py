"""The base for many machines: replicas, probes, walls and scale, as docs/operations.md promises them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from segunda_via.cli import app as commands
from segunda_via.server import application
from segunda_via.settings.environment import VARIABLES

BASE = Path(__file__).parents[2] / "deploy" / "kubernetes" / "base"
SERVERS = ("segunda-via", "segunda-via-rasa", "segunda-via-actions")
Resource = dict[str, Any]


def resources() -> list[Resource]:
    listed = yaml.safe_load((BASE / "kustomization.yaml").read_text("utf-8"))["resources"]
    return [each for name in listed for each in yaml.safe_load_all((BASE / name).read_text("utf-8"))]


def one(kind: str, name: str) -> Resource:
    (found,) = [each for each in resources() if each["kind"] == kind and each["metadata"]["name"] == name]
    return found


def component(name: str) -> str:
    label: str = one("Deployment", name)["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"]
    return label


def containers() -> list[Resource]:
    return [one("Deployment", name)["spec"]["template"]["spec"]["containers"][0] for name in SERVERS]


@pytest.mark.parametrize("name", SERVERS)
def test_each_server_is_there_twice_and_is_never_all_away(name: str) -> None:
    deployment = one("Deployment", name)["spec"]
    assert deployment["replicas"] >= 2
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    labels = deployment["template"]["metadata"]["labels"]
    assert one("PodDisruptionBudget", name)["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert one("Service", name)["spec"]["selector"].items() <= labels.items()
    (container,) = deployment["template"]["spec"]["containers"]
    assert {"startupProbe", "livenessProbe", "readinessProbe"} <= container.keys()
    assert one("Service", name)["spec"]["ports"][0]["port"] == container["ports"][0]["containerPort"]


def test_nobody_is_root_or_may_write_where_programs_are() -> None:
    pods = [one("Deployment", name)["spec"]["template"]["spec"] for name in SERVERS]
    pods.append(one("Job", "segunda-via-migrate")["spec"]["template"]["spec"])
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        told = pod["containers"][0]["securityContext"]
        expected = {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert told == expected


def test_while_rasa_is_away_messages_are_still_taken() -> None:
    public = containers()[0]
    assert public["readinessProbe"]["httpGet"]["path"] == "/health/receiving"
    assert public["livenessProbe"]["httpGet"]["path"] == "/health/live", "a database that is away kills nobody"


def test_the_probes_ask_routes_that_there_are() -> None:
    written = Path(application.__file__).with_name("health_routes.py").read_text("utf-8")
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert f'Route("{containers()[0][probe]["httpGet"]["path"]}"' in written


def callers(name: str) -> set[str]:
    """Which components a policy lets reach that server."""
    selected = {"matchLabels": {"app.kubernetes.io/component": component(name)}}
    policies = [each["spec"] for each in resources() if each["kind"] == "NetworkPolicy"]
    rules = [rule for spec in policies if spec["podSelector"] == selected for rule in spec.get("ingress", ())]
    return {
        source["podSelector"]["matchLabels"]["app.kubernetes.io/component"]
        if "podSelector" in source
        else source["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
        for rule in rules
        for source in rule["from"]
    }


def test_rasa_and_the_actions_are_private() -> None:
    assert one("NetworkPolicy", "segunda-via-nobody")["spec"] == {"podSelector": {}, "policyTypes": ["Ingress"]}
    assert callers("segunda-via-rasa") == {"public"}
    assert callers("segunda-via-actions") == {"rasa"}
    assert callers("segunda-via") == {"ingress-nginx", "monitoring"}
    paths = one("Ingress", "segunda-via")["spec"]["rules"][0]["http"]["paths"]
    services = {each["backend"]["service"]["name"] for each in paths}
    assert services == {"segunda-via"}
    assert not [each for each in paths if each["path"] == "/" and each["pathType"] != "Exact"], "/metrics stays inside"


@pytest.mark.parametrize("name", SERVERS)
def test_they_grow_by_how_long_customers_wait(name: str) -> None:
    scaler = one("HorizontalPodAutoscaler", name)["spec"]
    assert scaler["scaleTargetRef"]["name"] == name
    (metric,) = scaler["metrics"]
    asked = metric["external"]["metric"]
    served = Path(application.__file__).with_name("load.py").read_text("utf-8")
    assert f'"{asked["name"]}"' in served
    assert f'"{asked["selector"]["matchLabels"]["queue"]}": self._app.' in served
    assert scaler["minReplicas"] >= 2


def test_the_schema_comes_first_by_a_command_that_there_is() -> None:
    job = one("Job", "segunda-via-migrate")["spec"]["template"]["spec"]["containers"][0]
    program, command = job["args"]
    assert program == "segunda-via"
    assert command in {each.name for each in commands.registered_commands}


def test_variables_exist_and_secrets_are_not_in_the_base() -> None:
    named: set[str] = set()
    for path in BASE.glob("*.yaml"):
        named |= set(re.findall(r"\bSEGUNDA_VIA_[A-Z_]+\b", path.read_text("utf-8")))
    assert named <= VARIABLES.keys()
    assert [each for each in resources() if each["kind"] == "Secret"] == []
    example = yaml.safe_load((BASE / "secret.example.yaml").read_text("utf-8"))
    assert set(example["stringData"].values()) & {"..."}, "an example holds nothing that works"
