"""GitHub's workflows: of the form that GitHub reads, with the least rights, and with nothing in them that can be moved
under us."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.deploy.terraform import ROOT, blocks

FOLDER = ROOT / ".github"
WORKFLOWS = sorted((FOLDER / "workflows").glob("*.yml"))


@pytest.mark.parametrize(
    ("schema", "files"),
    [("vendor.github-workflows", WORKFLOWS), ("vendor.dependabot", [FOLDER / "dependabot.yml"])],
    ids=["workflows", "dependabot"],
)
def test_github_can_read_them(schema: str, files: list[Path]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *files], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.name)
def test_each_action_is_named_by_its_commit(workflow: Path) -> None:
    used = [one for one in re.findall(r"^ *-? *uses: (.*)$", workflow.read_text(), re.MULTILINE) if one[:2] != "./"]
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.name)
def test_each_may_only_read(workflow: Path) -> None:
    text = workflow.read_text()
    assert re.search(r"^permissions:\n  contents: read\n\n", text, re.MULTILINE)
    written = set(re.findall(r"([\w-]+): write", text))
    assert written == ({"id-token"} if workflow.name == "deploy.yml" else set())
    # What a pull request says is never run with more than it may.
    assert "pull_request_target" not in text
    assert "secrets." not in text
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")


def test_what_a_workflow_is_told_is_never_part_of_a_script() -> None:
    """An expression in a script would be run with whatever somebody has named a tag."""
    for workflow in WORKFLOWS:
        scripts = re.findall(r"run: (?:\|\n((?:\s{10,}.*\n)+)|(.*)\n)", workflow.read_text())
        assert scripts
        assert not [one for one in scripts if "${{" in "".join(one)]


def test_what_was_not_tested_is_not_rolled_out() -> None:
    jobs = yaml.safe_load((FOLDER / "workflows" / "deploy.yml").read_text())["jobs"]
    assert jobs["test"]["uses"] == "./.github/workflows/ci.yml"
    assert jobs["deploy"]["needs"] == "test"
    assert "\n  workflow_call:\n" in (FOLDER / "workflows" / "ci.yml").read_text()


def test_the_deployer_is_let_in_for_what_starts_a_deployment() -> None:
    text = (FOLDER / "workflows" / "deploy.yml").read_text()
    [provider] = blocks("resource")["google_iam_workload_identity_pool_provider"].values()
    assert 'tags: ["v*"]' in text
    assert "refs/tags/v" in provider["attribute_condition"]
    assert "'push', 'workflow_dispatch'" in provider["attribute_condition"]
    assert "cancel-in-progress: false" in text
    readme = (ROOT / "deploy" / "README.md").read_text()
    assert {name for name in re.findall(r"vars\.(\w+)", text) if f"`{name}`" not in readme} == set()
