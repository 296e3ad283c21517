"""What one hosts it with: systemd's unit, compose's files, and Caddy in front."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.deploy.parts import part
from tests.product import Product, free_port, until
from vip_manager.services import rates
from vip_manager.variables import VARIABLES

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
PAGE = (DEPLOY.parent / "docs" / "self-hosting.md").read_text()
COMPOSED = {name: yaml.safe_load((DEPLOY / name).read_text()) for name in ("compose.yaml", "compose.caddy.yaml")}


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, with a program that is there on every machine: systemd looks whether it is."""
    text = (DEPLOY / "systemd/vip-manager.service").read_text()
    file = tmp_path / "vip-manager.service"
    file.write_text(re.sub(r"^ExecStart=\S+", f"ExecStart={sys.executable}", text, flags=re.MULTILINE))
    return file


def said(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_systemd_understands_the_unit(unit: Path) -> None:
    lines = said(part("systemd-analyze"), "verify", "--man=no", unit).splitlines()
    # Other units of the machine may be no better than they are.
    assert [line for line in lines if "vip-manager" in line] == []


def test_systemd_finds_little_that_the_unit_may_do(unit: Path) -> None:
    verdict = said(part("systemd-analyze"), "security", "--offline=true", unit)
    [score] = re.findall(r"Overall exposure level for vip-manager.service: ([\d.]+)", verdict)
    assert float(score) <= 1.5
    assert "exposure level" in PAGE


@pytest.mark.parametrize("name", COMPOSED)
def test_compose_understands_its_file(name: str) -> None:
    check = Path(sys.executable).with_name("check-jsonschema")
    said(check, "--builtin-schema", "vendor.compose-spec", DEPLOY / name)


def test_the_program_is_composed_alike_alone_and_behind_caddy() -> None:
    alone, behind = (dict(one["services"]["vip-manager"]) for one in COMPOSED.values())
    assert alone.pop("ports") == ["127.0.0.1:3000:3000"]
    assert "ports" not in behind, "nobody may come by without Caddy"
    assert behind.pop("environment").items() > alone.pop("environment").items()
    assert behind.pop("env_file") != alone.pop("env_file"), "the sandbox is for this machine alone"
    assert alone == behind


@pytest.mark.parametrize("service", [one for file in COMPOSED.values() for one in file["services"].values()])
def test_a_container_may_do_no_more_than_it_must(service: dict[str, Any]) -> None:
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "build" in service or re.search(r":\d+\.\d+\.\d+", service["image"])


@pytest.mark.parametrize("file", COMPOSED.values(), ids=COMPOSED)
def test_what_compose_sets_is_what_the_program_reads(file: dict[str, Any]) -> None:
    assert set(file["services"]["vip-manager"]["environment"]) <= {one.name for one in VARIABLES}


class Behind:
    """The product, and Caddy before it."""

    def __init__(self, product: Product, port: int) -> None:
        self.product = product
        self.base = f"http://localhost:{port}"

    def client(self, address: str) -> httpx.Client:
        """Somebody who comes from that address."""
        transport = httpx.HTTPTransport(local_address=address)
        return httpx.Client(base_url=self.base.replace("localhost", "127.0.0.1"), transport=transport, trust_env=False)


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory, built_page: None) -> Iterator[Behind]:
    caddy, place, port = part("caddy"), tmp_path_factory.mktemp("caddy"), free_port()
    environment = {"TRUSTED_PROXY_HOPS": "1", "PUBLIC_URL": f"http://localhost:{port}"}
    with Product(place, environment).running() as product:
        variables = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(place),
            # Without https: certificates are for names that the world knows.
            "PUBLIC_HOST": f"http://localhost:{port}, http://127.0.0.1:{port}",
            "UPSTREAM": f"localhost:{product.port}",
        }
        config = place / "Caddyfile"
        # Its own port for commands could be taken.
        config.write_text("{\n\tadmin off\n}\n" + (DEPLOY / "Caddyfile").read_text())
        command = [caddy, "run", "--adapter", "caddyfile", "--config", str(config)]
        with (place / "caddy.txt").open("wb") as output:
            process = subprocess.Popen(command, env=variables, stdout=output, stderr=output)
        one = Behind(product, port)
        try:
            with one.client("127.0.0.1") as client:

                def answers() -> bool:
                    assert process.poll() is None, (place / "caddy.txt").read_text()
                    try:
                        return client.get("/api/health").status_code == 200
                    except httpx.TransportError:
                        return False

                until(answers, "Caddy passes on")
            yield one
        finally:
            process.terminate()
            process.wait(10)


def test_a_page_and_its_socket_come_through_caddy(behind: Behind) -> None:
    with behind.client("127.0.0.1") as client:
        assert "VIP Manager" in client.get("/").text
    socket = behind.base.replace("http", "ws", 1) + "/_event/?token=caddy&EIO=4&transport=websocket"
    with connect(socket, origin=Origin(behind.base), proxy=None) as page:
        assert str(page.recv(10)).startswith("0{")
    with pytest.raises(InvalidStatus), connect(socket, origin=Origin("https://elsewhere.example.org"), proxy=None):
        pass


def test_who_comes_through_caddy_is_told_from_others(behind: Behind) -> None:
    """By the address that they come from, whatever they write themselves."""
    with behind.client("127.0.0.1") as one, behind.client("127.0.0.2") as another:
        answers = [
            one.get("/api/auth/login", headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code
            for number in range(rates.SIGN_IN.most + 1)
        ]
        assert answers[0] < 400
        assert answers[-1] == 429
        assert another.get("/api/auth/login").status_code < 400
