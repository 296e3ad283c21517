"""deploy/rollout.sh against a Cloud Run of the tests: whatever goes wrong, the former revision has all traffic."""

import http.server
import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REQUIRED
from tests.deploy.terraform import ROOT

SCRIPT = ROOT / "deploy" / "rollout.sh"
FAKE = Path(__file__).parent / "fake_gcloud.py"
FORMER, NEW = "vip-manager-00001", "vip-manager-00002"
PAGE = b"<title>VIP Manager</title>"


class Cloud:
    """One service at Cloud Run. `well` says whether the program at `service` or `canary` is so, by what has traffic."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "cloud.json"
        self.folder = folder
        self.well: Callable[[str, dict[str, int]], bool] = lambda at, traffic: True
        self.page = PAGE
        self.asked: list[str] = []

    def set_up(self, address: str) -> None:
        (self.folder / "bin").mkdir()
        (self.folder / "bin" / "gcloud").symlink_to(FAKE)
        self.file.write_text(
            json.dumps(
                {
                    "revisions": {FORMER: "images/vip-manager:first"},
                    "traffic": [{"revisionName": FORMER, "percent": 100, "latestRevision": True}],
                    "addresses": {"service": f"{address}/service", "canary": f"{address}/canary"},
                    "failures": {},
                    "calls": [],
                }
            )
        )
        self.plan()

    def plan(self, errors: int = 0, **broken: int) -> None:
        """How many errors the log has, and how often each command fails from the beginning."""
        named = {
            name.replace("_", " ").replace("update traffic", "update-traffic"): one for name, one in broken.items()
        }
        new = self.folder / "plan.new"
        new.write_text(json.dumps({"errors": errors, "broken": named}))
        new.replace(self.folder / "plan.json")

    def now(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.file.read_text())
        return found

    @property
    def traffic(self) -> dict[str, int]:
        return {one["revisionName"]: one["percent"] for one in self.now()["traffic"] if one.get("percent")}

    @property
    def tags(self) -> list[str]:
        return [one["tag"] for one in self.now()["traffic"] if "tag" in one]

    @property
    def shares(self) -> list[str]:
        """Each sharing out of traffic that was asked for, in order."""
        return [call[call.index("--to-revisions") + 1] for call in self.now()["calls"] if "--to-revisions" in call]

    def roll_out(self, *arguments: str, **other: str) -> subprocess.Popen[str]:
        quick = {"WATCH_SECONDS": "0", "PAUSE_SECONDS": "0.05", "TRIES": "2", "REGION": "europe-west1"}
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        return subprocess.Popen(
            [SCRIPT, *arguments],
            env={"PATH": path, "FAKE_CLOUD": str(self.folder), **quick, **other},
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def rolled_out(self, *arguments: str, **other: str) -> tuple[int, str]:
        with self.roll_out(*arguments, **other) as process:
            said = process.communicate(timeout=60)[1]
        return process.returncode, said


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    if shutil.which("curl") is None:
        if REQUIRED:
            pytest.fail("curl is missing")
        pytest.skip("curl is missing")
    cloud = Cloud(tmp_path)

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _, at, rest = self.path.split("/", 2)
            cloud.asked.append(self.path)
            ok = cloud.well(at, cloud.traffic)
            self.send_response(200 if ok or rest == "api/health" else 503)
            self.end_headers()
            self.wfile.write(cloud.page)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        cloud.set_up(f"http://127.0.0.1:{server.server_address[1]}")
        yield cloud
        server.shutdown()


def test_a_revision_that_is_well_gets_a_share_and_then_all(cloud: Cloud) -> None:
    """A few errors are nothing."""
    cloud.plan(errors=2)
    code, said = cloud.rolled_out("images/vip-manager:second")
    assert code == 0, said
    assert cloud.shares == [f"{NEW}=10,{FORMER}=90", f"{NEW}=100"]
    assert (cloud.traffic, cloud.tags) == ({NEW: 100}, [])
    assert cloud.now()["revisions"][NEW] == "images/vip-manager:second"
    assert {"/canary/api/health", "/canary/api/ready", "/canary/", "/service/api/ready"} <= set(cloud.asked)


def test_without_an_image_it_is_the_one_that_runs(cloud: Cloud) -> None:
    """Also after another one that gave errors."""
    cloud.plan(errors=3)
    assert cloud.rolled_out("images/vip-manager:second")[0] == 1
    cloud.plan()
    assert cloud.rolled_out()[0] == 0
    assert list(cloud.now()["revisions"].values()) == [
        f"images/vip-manager:{one}" for one in ("first", "second", "first")
    ]
    assert cloud.traffic == {"vip-manager-00003": 100}


def test_one_that_can_not_work_gets_no_traffic(cloud: Cloud) -> None:
    cloud.well = lambda at, traffic: at != "canary"
    code, said = cloud.rolled_out("images/vip-manager:second")
    assert (code, cloud.traffic, cloud.tags) == (1, {FORMER: 100}, [])
    assert cloud.shares == [f"{FORMER}=100"]
    assert f"{NEW} is not well" in said


def test_nor_does_one_that_shows_another_page(cloud: Cloud) -> None:
    cloud.page = b"<title>Hello</title>"
    assert cloud.rolled_out("images/vip-manager:second")[0] == 1
    assert cloud.shares == [f"{FORMER}=100"]


def test_one_that_falls_ill_with_its_share_loses_it(cloud: Cloud) -> None:
    cloud.well = lambda at, traffic: at != "canary" or NEW not in traffic
    code, said = cloud.rolled_out("images/vip-manager:second")
    assert (code, cloud.traffic, cloud.tags) == (1, {FORMER: 100}, [])
    assert cloud.shares == [f"{NEW}=10,{FORMER}=90", f"{FORMER}=100"]
    assert "not well any more" in said


def test_one_that_gives_errors_loses_its_share(cloud: Cloud) -> None:
    cloud.plan(errors=3)
    code, said = cloud.rolled_out("images/vip-manager:second")
    assert (code, cloud.traffic) == (1, {FORMER: 100})
    assert "gave 3 answers of 500" in said
    [asked] = [call for call in cloud.now()["calls"] if call[0] == "logging"]
    assert f"resource.labels.revision_name={NEW} AND httpRequest.status>=500" in asked[-1]


def test_a_service_that_is_not_well_with_all_of_it_goes_back(cloud: Cloud) -> None:
    cloud.well = lambda at, traffic: traffic.get(NEW) != 100
    assert cloud.rolled_out("images/vip-manager:second")[0] == 1
    assert cloud.traffic == {FORMER: 100}


@pytest.mark.parametrize("command", ["run_deploy", "logging_read"])
def test_gcloud_fails(cloud: Cloud, command: str) -> None:
    cloud.plan(**{command: 1})
    assert cloud.rolled_out("images/vip-manager:second")[0] == 1
    assert (cloud.traffic, cloud.tags) == ({FORMER: 100}, [])


def test_gcloud_fails_at_sharing_and_for_a_while_at_going_back(cloud: Cloud) -> None:
    cloud.plan(run_services_update_traffic=4)
    assert cloud.rolled_out("images/vip-manager:second")[0] == 1
    assert cloud.traffic == {FORMER: 100}


def test_where_it_can_not_go_back_it_says_what_to_do(cloud: Cloud) -> None:
    process = cloud.roll_out("images/vip-manager:second", WATCH_SECONDS="30")
    shared(cloud)
    cloud.plan(run_services_update_traffic=99)
    cloud.well = lambda at, traffic: False
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 3
    assert f"gcloud run services update-traffic vip-manager --region europe-west1 --to-revisions {FORMER}=100" in said


def test_stopped_in_the_middle_it_goes_back(cloud: Cloud) -> None:
    """As GitHub does it, where somebody cancels the workflow."""
    process = cloud.roll_out("images/vip-manager:second", WATCH_SECONDS="30")
    shared(cloud)
    os.kill(process.pid, signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 1, said
    assert (cloud.traffic, cloud.tags) == ({FORMER: 100}, [])


def test_nothing_is_begun_where_traffic_is_shared_already(cloud: Cloud) -> None:
    both = [{"revisionName": FORMER, "percent": 90}, {"revisionName": NEW, "percent": 10}]
    cloud.file.write_text(json.dumps(cloud.now() | {"revisions": {FORMER: "first", NEW: "second"}, "traffic": both}))
    code, said = cloud.rolled_out("images/vip-manager:third")
    assert (code, cloud.shares) == (1, [])
    assert "nothing was changed" in said


def test_nothing_is_begun_where_the_service_can_not_be_read(cloud: Cloud) -> None:
    cloud.plan(run_services_describe=1)
    assert cloud.rolled_out("images/vip-manager:second")[0] == 1
    assert [call[:2] for call in cloud.now()["calls"]] == [["run", "services"]]


def shared(cloud: Cloud) -> None:
    """Waits until the new revision has its share."""
    end = time.monotonic() + 30
    while NEW not in cloud.traffic:
        assert time.monotonic() < end, "it never got so far"
        time.sleep(0.02)


def test_the_scripts_are_sound() -> None:
    shellcheck = shutil.which("shellcheck")
    if shellcheck is None:
        if REQUIRED:
            pytest.fail("shellcheck is missing")
        pytest.skip("shellcheck is missing")
    scripts = [*(ROOT / "deploy").glob("*.sh"), ROOT / ".ci" / "run"]
    done = subprocess.run([shellcheck, *scripts], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
