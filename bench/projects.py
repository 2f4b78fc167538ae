"""The two projects that are measured: this one, and its data under the pipeline that `rasa init` leads to.

The default is read from the installed Rasa (what it uses when a configuration names no pipeline and no policies). The
document extractor is added to it, because without it no message would ever hold a document and nothing be delivered.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from scripts.processes import ROOT

COPIED = ("domain.yml", "endpoints.yml", "data")
EXTRACTOR = {"name": "segunda_via.rasa_plugin.nlu.document_extractor.DocumentExtractor"}


@dataclass(frozen=True)
class Project:
    name: str
    folder: Path

    @property
    def model(self) -> Path:
        return self.folder / "models" / "bench.tar.gz"


def lay_out(folder: Path) -> list[Project]:
    """Copies of both in `folder`, each with the REST channel on, which the product leaves off."""
    yaml: Any = YAML()
    ours = yaml.load((ROOT / "config.yml").read_text(encoding="utf-8"))
    packaged = resources.files("rasa.engine.recipes.config_files") / "default_config.yml"
    default = yaml.load(packaged.read_text(encoding="utf-8"))
    default["assistant_id"] = "bench"
    default["language"] = ours["language"]
    default["importers"] = ours["importers"]
    # Documents, and what is certain, are found by code in both.
    default["pipeline"] += [EXTRACTOR, ours["pipeline"][-1]]
    projects = []
    for name, config in (("this project", ours), ("Rasa's default", default)):
        project = Project(name, folder / name.replace("'", "").replace(" ", "-"))
        project.folder.mkdir()
        for item in COPIED:
            source = ROOT / item
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, project.folder / item)
        with (project.folder / "config.yml").open("w", encoding="utf-8") as file:
            yaml.dump(config, file)
        (project.folder / "credentials.yml").write_text("rest:\n", encoding="utf-8")
        projects.append(project)
    return projects
