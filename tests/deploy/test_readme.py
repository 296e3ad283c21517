"""The page that goes from nothing to running names what there is."""

import re
from pathlib import Path

import pytest

from tests.deploy.terraform import ROOT, blocks, default

PAGES = [ROOT / "deploy" / "README.md", *sorted((ROOT / "docs" / "decisions").glob("*.md"))]
README = PAGES[0].read_text()


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\((?!http)([^)]+)\)", page.read_text()):
        file, _, anchor = link.partition("#")
        target = (page.parent / file) if file else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_commands_name_what_terraform_makes() -> None:
    assert set(re.findall(r"terraform output -raw (\w+)", README)) <= set(blocks("output"))
    for kind, name in re.findall(r"(google_\w+)\.(\w+)", README):
        assert name in blocks("resource")[kind]
    name = default("name")
    for secret in re.findall(r"gcloud secrets versions add ([\w-]+)", README):
        assert secret.removeprefix(f"{name}-").replace("-", "_").upper() in blocks("locals")["secrets"]
    assert set(re.findall(r"`(\w+) = (?:false|\"before\")`", README)) <= set(blocks("variable"))


def test_the_settings_of_a_rollout_are_those_of_the_script() -> None:
    script = (ROOT / "deploy" / "rollout.sh").read_text()
    named = re.findall(r"`([A-Z_]+)`", README[README.index("Numbers can be set") :].split("\n")[0])
    assert named
    assert all(f"${{{name}:-" in script for name in named)
    assert "WATCH_SECONDS:-180" in script
    assert "three minutes" in README
    assert "MOST_ERRORS:-3" in script
    assert "three are too many" in README


def test_every_decision_is_in_the_list() -> None:
    listed = (ROOT / "docs" / "decisions" / "README.md").read_text()
    assert all(f"({page.name})" in listed for page in PAGES[1:] if page.name != "README.md")
    for page in PAGES[1:]:
        if page.name != "README.md":
            parts = re.findall(r"^## (.*)$", page.read_text(), re.MULTILINE)
            assert parts[:3] == ["Context", "Decision", "Consequences"]
            assert parts[3:] in ([], ["What would change it"])
