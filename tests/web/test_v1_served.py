"""The personal API as it is served: by its description, by a client that is made of it, and by the commands."""

import importlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import REQUIRED
from tests.product import Product, until
from tests.sockets.raw import cookie_of
from vip_manager import page as page_root

NOBODYS = "vip_" + "x" * 43


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, built_page: None) -> Iterator[Product]:
    product = Product(tmp_path_factory.mktemp("v1"), {})
    product.start()
    try:
        cookie_of(product, "streamer")
        yield product
    finally:
        assert product.stop() == 0


def command(product: Product, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vip_manager", *words],
        env=product.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def made(product: Product, *words: str) -> str:
    done = command(product, "token", "--channel", "streamer", *words)
    assert (done.returncode, done.stderr) == (0, "It is not shown again.\n")
    return done.stdout.removesuffix("\n")


def call(product: Product, token: str, method: str = "GET", **more: Any) -> httpx.Response:
    url = f"{product.base}/api/v1/channels/streamer/vips"
    return httpx.request(method, url, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=10, **more)


def test_the_command_makes_tokens_and_ends_them(product: Product) -> None:
    reads, writes = made(product, "--read-only"), made(product, "--name", "Deck")
    assert call(product, reads).status_code == call(product, writes).status_code == 200
    assert call(product, reads, "POST", json={"user_login": "viewer9", "hours": 1}).status_code == 403
    ended = command(product, "token", "--channel", "@Streamer", "--revoke")
    assert (ended.returncode, ended.stdout.split()[1:]) == (0, ["tokens", "were", "revoked."])
    assert call(product, reads).status_code == call(product, writes).status_code == 401
    unknown = command(product, "token", "--channel", "nobody")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "No channel named nobody" in unknown.stderr
    said = product.output.read_text()
    assert reads not in said
    assert writes not in said


def test_whatever_is_sent_the_answer_is_one_that_is_described(product: Product, tmp_path: Path) -> None:
    token = made(product)
    # 422: the same Idempotency-Key comes with many a body.
    (tmp_path / "schemathesis.toml").write_text(
        '[parameters]\n"path.login" = "streamer"\n[checks.positive_data_acceptance]\n'
        'expected-statuses = ["2xx", "401", "403", "404", "409", "422", "429", "5xx"]\n'
    )
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{product.base}/api/openapi.json"),
            *("--include-path-regex", "^/api/v1/"),
            *("--checks", "all"),
            *("--phases", "examples,coverage,fuzzing,stateful"),
            *("--max-examples", "10"),
            *("--seed", "20261127"),
            *("--header", f"Authorization: Bearer {token}"),
            # Twitch takes ten changes of VIPs in ten seconds, and who asks for more waits.
            *("--request-timeout", "20"),
            *("--no-color", "--generation-database", "none"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Tested: 5\n" in done.stdout
    said = product.output.read_text()
    assert "Traceback" not in said
    assert token not in said


@pytest.fixture(scope="module")
def client(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a package that openapi-python-client (https://github.com/openapi-generators/openapi-python-client)
    has made of the description."""
    place = tmp_path_factory.mktemp("generated")
    (place / "config.yml").write_text("package_name_override: vip_manager_client\npost_hooks: []\n")
    (place / "openapi.json").write_bytes(
        httpx.get(f"{product.base}/api/openapi.json", trust_env=False, timeout=10).content
    )
    done = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json"),
            *("--config", "config.yml", "--meta", "none", "--output-path", "vip_manager_client"),
        ],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # Of other routes it leaves out what it does not know: files, and pages.
    assert "/api/v1/" not in done.stdout
    sys.path.insert(0, str(place))
    yield "vip_manager_client"
    sys.path.remove(str(place))


def test_a_client_that_a_public_generator_makes_of_it_works(product: Product, client: str) -> None:
    models = importlib.import_module(f"{client}.models")

    def api(name: str) -> Any:
        return importlib.import_module(f"{client}.api.v1.{name}")

    signed_in = importlib.import_module(client).AuthenticatedClient(
        base_url=product.base, token=made(product), httpx_args={"trust_env": False}
    )
    with signed_in:
        wish = models.GiftByLogin(user_login="viewer6", hours=2)
        given = api("give_vip").sync("streamer", client=signed_in, body=wish, idempotency_key="press 1")
        assert (given.user_login, given.state, given.hours_left) == ("viewer6", "active", 2)
        again = api("give_vip").sync("streamer", client=signed_in, body=wish, idempotency_key="press 1")
        assert again == given
        more = api("extend_vip").sync("streamer", given.user_id, client=signed_in, body=models.MoreHours(add_hours=1))
        assert more.expires_at > given.expires_at
        listed = api("list_vips").sync("streamer", client=signed_in)
        assert [one.user_login for one in listed.data if one.user_login == "viewer6"] == ["viewer6"]
        ended = api("end_vip").sync_detailed("streamer", given.user_id, client=signed_in)
        assert ended.status_code == 204
        redemptions = api("list_redemptions").sync("streamer", client=signed_in)
        assert redemptions.data == []
        refused = api("give_vip").sync(
            "streamer", client=signed_in, body=models.GiftByLogin(user_login="permanentvip", hours=2)
        )
        assert refused.error.code == "already_vip"


def test_what_it_does_shows_on_the_board(product: Product) -> None:
    token = made(product)
    assert call(product, token, "POST", json={"user_login": "viewer8", "hours": 1}).status_code == 201

    def shown() -> bool:
        return any(one["user_login"] == "viewer8" for one in call(product, token).json()["data"])

    until(shown, "it is listed")


def test_the_examples_of_the_docs_work_as_they_stand(product: Product) -> None:
    if shutil.which("curl") is None and not REQUIRED:
        pytest.skip("no curl here")
    page = (page_root.ROOT / "docs" / "api.md").read_text()
    examples = re.findall(r"```sh\n(curl .*?)```", page, re.DOTALL)
    assert len(examples) == 5
    environment = {**os.environ, "VIP_MANAGER": product.base, "TOKEN": made(product), "no_proxy": "localhost"}
    for example in examples:
        done = subprocess.run(
            ["bash", "-c", example.replace("curl ", "curl --silent --show-error --fail-with-body ", 1)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.returncode == 0, (example, done.stdout, done.stderr)
