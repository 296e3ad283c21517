"""The personal API of the product as it is started: by curl as its page has it, by a client that a public generator
makes of its description, and by a tool that tries whatever the description allows, and what it does not."""

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.product import Product
from tests.simulator.clients.browser import sign_in
from tests.store.records import redemption
from vip_manager import page
from vip_manager.web.api_v1.description import ROUTES

PAGE = (page.ROOT / "docs" / "api.md").read_text()
VIPS = "/api/v1/channels/streamer/vips"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, built_page: None) -> Iterator[Product]:
    """In its sandbox, with the streamer's channel."""
    product = Product(tmp_path_factory.mktemp("api"), {"EXPIRY_TICK_SECONDS": "1"})
    product.start()
    try:
        sign_in(f"{product.base}/api/auth/login?connect=channel", "streamer")
        yield product
    finally:
        assert product.stop() == 0


def token(product: Product, *more: str) -> str:
    """Made by the command, beside the running product."""
    done = subprocess.run(
        [sys.executable, "-m", "vip_manager", "token", "--channel", "streamer", *more],
        cwd=page.ROOT,
        env=product.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def call(product: Product, secret: str, method: str = "GET", path: str = VIPS, body: Any = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {secret}"}
    return httpx.request(method, f"{product.base}{path}", headers=headers, json=body, trust_env=False, timeout=10)


def test_the_command_and_the_running_program_agree(product: Product) -> None:
    secret, reads = token(product, "--name", "Bot"), token(product, "--read-only", "--name", "Bot")
    assert call(product, secret, "POST", body={"user_login": "viewer5", "hours": 1}).status_code == 201
    assert call(product, reads).json()["data"][0]["user_login"] == "viewer5"
    assert call(product, reads, "DELETE", f"{VIPS}/3005").status_code == 403
    assert call(product, secret, "DELETE", f"{VIPS}/3005").status_code == 204
    assert token(product, "--revoke", "--name", "Bot") == ""
    assert [call(product, one).status_code for one in (secret, reads)] == [401, 401]


def test_each_example_of_the_page_does_what_it_says(product: Product) -> None:
    examples = [block for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if block.startswith("curl")]
    assert len(examples) == 5
    environment = {**os.environ, "VIP_MANAGER": product.base, "TOKEN": token(product)}
    answers = []
    for example in examples:
        command = example.replace("curl ", 'curl -sS -w "\\n%{http_code}" ', 1)
        done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=True)
        body, _, status = done.stdout.rpartition("\n")
        answers.append((int(status), json.loads(body) if body else None))
    (given, vip), (more, longer), (listed, all_of_them), (looked, redeemed), (ended, _) = answers
    assert [given, more, listed, looked, ended] == [201, 200, 200, 200, 204]
    [written] = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
    assert list(vip) == list(written)
    still = ("user_id", "user_login", "user_name", "state", "clock", "source", "reward")
    assert [vip[name] for name in still] == [written[name] for name in still]
    assert round(longer["hours_left"], 1) == 25.5
    assert [one["user_login"] for one in all_of_them["data"]] == ["viewer1"]
    assert redeemed == {"data": [], "next_cursor": None}


def test_the_page_names_every_route_and_every_code() -> None:
    for path, operations in ROUTES.items():
        for method, operation in operations.items():
            assert f"`{method.upper()} {path.removeprefix('/api/v1/channels/{login}')}`" in PAGE
            assert operation["operationId"] in PAGE
            for status, answer in operation["responses"].items():
                assert status in PAGE
                for code in re.findall(r"`([a-z_]+)`", answer["description"]) if status >= "400" else ():
                    assert f"`{code}`" in PAGE, code


@pytest.fixture
def made_client(product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What https://pypi.org/project/openapi-python-client/ makes of the description that the product gives."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
            *("--url", f"{product.base}/api/openapi.json", "--output-path", str(tmp_path / "made_client")),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # It says what it leaves out: nothing of the personal API.
    assert "/api/v1/" not in done.stdout + done.stderr
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("made_client")
    for name in [one for one in sys.modules if one.partition(".")[0] == "made_client"]:
        del sys.modules[name]


def test_a_client_that_a_public_generator_makes_works(product: Product, made_client: Any) -> None:
    def api(name: str) -> Any:
        return importlib.import_module(f"made_client.api.personal.{name}")

    models = importlib.import_module("made_client.models")
    client = made_client.AuthenticatedClient(base_url=product.base, token=token(product))
    wish = models.GiveByLogin(user_login="viewer3", hours=2)
    given = api("give_vip").sync_detailed("streamer", client=client, body=wish, idempotency_key="made-1")
    assert given.status_code == 201
    assert (given.parsed.user_login, given.parsed.state) == ("viewer3", "active")
    again = api("give_vip").sync_detailed("streamer", client=client, body=wish, idempotency_key="made-1")
    assert (again.headers["idempotency-replayed"], again.parsed) == ("true", given.parsed)
    more = api("add_hours").sync("streamer", "3003", client=client, body=models.AddHours(add_hours=1))
    assert (more.expires_at - given.parsed.expires_at).total_seconds() == 3600
    listed = api("list_vips").sync("streamer", client=client)
    assert [one.user_login for one in listed.data] == ["viewer3"]
    assert listed.data[0].reward is None
    assert api("end_vip").sync_detailed("streamer", "3003", client=client).status_code == 204
    assert api("list_redemptions").sync("streamer", client=client, limit=5).data == []
    refused = api("end_vip").sync_detailed("streamer", "3003", client=client)
    assert (refused.status_code, refused.parsed.error.code) == (404, "not_found")


@pytest.fixture
def unhurried(tmp_path: Path, built_page: None) -> Iterator[Product]:
    """The same, where nobody is told to wait: that is tried elsewhere, and would be most of what is answered here."""
    product = Product(tmp_path, {"EXPIRY_TICK_SECONDS": "1"})
    product.command = ("-c", UNHURRIED)
    product.start()
    try:
        sign_in(f"{product.base}/api/auth/login?connect=channel", "streamer")
        yield product
    finally:
        assert product.stop() == 0


UNHURRIED = """
from dataclasses import replace
from vip_manager.services import rates
for name in ("API", "API_TOKEN", "API_REFUSED"):
    setattr(rates, name, replace(getattr(rates, name), most=10**6))
from vip_manager import server
raise SystemExit(server.main())
"""


def test_whatever_a_program_sends_the_answer_is_one_that_is_described(unhurried: Product, tmp_path: Path) -> None:
    """With a token that is good, for the paths below one channel; also calls that follow from one another."""
    product = unhurried
    # A key that came with another request is refused, though each request by itself is good.
    accepted = [200, 201, 202, 204, 401, 403, 404, 409, 422, 503]
    (tmp_path / "schemathesis.toml").write_text(
        f'[parameters]\n"path.login" = "streamer"\n[checks.positive_data_acceptance]\nexpected-statuses = {accepted}\n'
    )
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(tmp_path / "schemathesis.toml")),
            *("run", f"{product.base}/api/openapi.json", "--include-path-regex", "^/api/v1/"),
            *("--checks", "all", "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "20"),
            *("--seed", "20261128", "--request-timeout", "10"),
            *("--header", f"Authorization: Bearer {token(product)}"),
            *("--no-color", "--generation-database", "none"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Tested: {sum(len(one) for one in ROUTES.values())}" in done.stdout
    assert "Traceback" not in product.output.read_text()


def test_no_token_stands_in_the_log(product: Product) -> None:
    secret = token(product)
    call(product, secret)
    httpx.get(f"{product.base}{VIPS}?access_token={secret}", trust_env=False)
    httpx.get(f"{product.base}/{secret}", trust_env=False)
    data = product.output.parent / "data" / "sandbox"
    said = [product.output.read_bytes(), *(file.read_bytes() for file in data.glob("vip.db*"))]
    assert len(said) > 1
    assert not any(secret.encode() in one for one in said)


def test_a_redemption_of_the_tests_has_the_form_that_is_described() -> None:
    from vip_manager.web.api_v1 import shapes
    from vip_manager.web.api_v1.description import SCHEMAS

    assert set(shapes.redemption(redemption("p1"))) == set(SCHEMAS["Redemption"]["required"])
