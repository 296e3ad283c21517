"""Behind the curtain comes who is of this machine, and no page of another site, whatever name it calls us by."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.simulator.conftest import Start
from tests.simulator.driver import CLIENT_ID, CLIENT_SECRET, Twitch
from vip_manager.bootstrap.program import running_program
from vip_manager.settings import Settings

GUARDED = ["control/world", "control/world/file", "control/stage?channel=streamer", "control/journal", "units/clients"]


@pytest.fixture
async def public(start: Start) -> AsyncIterator[httpx.AsyncClient]:
    """One that people reach by a name."""
    url = start(public_hosts=["Sandbox.example"])
    async with httpx.AsyncClient(base_url=url, timeout=10, trust_env=False) as client:
        yield client


async def asked(client: httpx.AsyncClient, path: str, host: str, **headers: str) -> httpx.Response:
    return await client.get(path, headers={"Host": host, **headers})


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize(
    "name", ["rebound.example:3000", "localhost.rebound.example", "127.0.0.1.rebound.example", "["]
)
async def test_a_name_that_another_site_lent_us_shows_nothing(twitch: Twitch, path: str, name: str) -> None:
    answer = await asked(twitch.client, path, name, Origin=f"http://{name}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "wrong_host")
    assert answer.json()["error"]["message"].endswith(".")
    assert CLIENT_SECRET not in answer.text


async def test_a_name_that_another_site_lent_us_moves_nothing(twitch: Twitch) -> None:
    host = {"Host": "rebound.example", "Origin": "http://rebound.example"}
    answer = await twitch.client.post("control/jump", json={"seconds": 60}, headers=host)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "wrong_host")
    assert (await twitch.look("world"))["offset_seconds"] == 0


@pytest.mark.parametrize(
    "name", ["localhost", "LOCALHOST:3000", "app.localhost:3000", "127.0.0.1", "127.1.2.3:80", "[::1]:3000"]
)
async def test_this_machines_own_names_are_good_with_any_port(twitch: Twitch, name: str) -> None:
    for path in GUARDED:
        assert (await asked(twitch.client, path, name, Origin=f"http://{name}")).status_code == 200


async def test_the_name_that_people_use_is_good_and_no_other(public: httpx.AsyncClient) -> None:
    assert (await asked(public, "control/world", "sandbox.example")).status_code == 200
    assert (await asked(public, "control/world", "sandbox.example:8443")).status_code == 200
    assert (await asked(public, "control/world", "localhost")).status_code == 200
    assert (await asked(public, "control/world", "other.example")).status_code == 403


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize("origin", ["http://elsewhere", "http://localhost:1", "http://[", "null", ""])
async def test_another_sites_page_is_refused_in_words(twitch: Twitch, path: str, origin: str) -> None:
    answer = await asked(twitch.client, path, "localhost", Origin=origin)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "wrong_origin")


async def test_twitch_itself_answers_to_any_name(twitch: Twitch) -> None:
    headers = {"Host": "anything.example", "Origin": "http://elsewhere"}
    assert (await twitch.client.get("helix/users", headers=headers)).status_code == 401
    token = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "grant_type": "client_credentials"}
    assert (await twitch.client.post("oauth2/token", data=token, headers=headers)).status_code == 200


async def test_whoever_is_unknown_is_so_in_the_same_words_everywhere(twitch: Twitch) -> None:
    wishes = {
        "redeem": {"channel": "kai", "viewer": "viewer1"},
        "evening": {"channel": "kai", "do": "stop"},
        "rename": {"user": "kai"},
        "vip": {"channel": "streamer", "viewer": "kai", "vip": True},
    }
    said = [(await twitch.client.post(f"control/{name}", json=wish)).json() for name, wish in wishes.items()]
    said.append((await twitch.client.get("control/stage?channel=kai")).json())
    assert {one["error"]["message"] for one in said} == {"There is nobody called “kai” in the sandbox."}
    assert [one["error"]["code"] for one in said] == ["no_channel", "no_channel", "no_user", "no_viewer", "no_channel"]


async def test_the_product_leads_behind_the_curtain_by_its_public_address(tmp_path: Path) -> None:
    public = {
        "SANDBOX": "1",
        "PUBLIC_URL": "https://sandbox.example",
        "APP_SECRET": "x" * 40,
        "DATA_DIR": str(tmp_path),
    }
    async with running_program(Settings.read(public)) as running:
        assert running.simulator is not None
        transport = httpx.ASGITransport(running.simulator)
        async with httpx.AsyncClient(transport=transport, base_url="https://sandbox.example") as client:
            assert (await client.get("/control/world")).status_code == 200
            assert (await asked(client, "/control/world", "rebound.example")).status_code == 403
