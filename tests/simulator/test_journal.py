from typing import Any

import httpx
import pytest

from tests.simulator.conftest import Start
from tests.simulator.driver import CLIENT_ID, CLIENT_SECRET, Twitch, session_of, socket_to


async def journal(twitch: Twitch, **asked: Any) -> list[dict[str, Any]]:
    answer = await twitch.client.get("control/journal", params=asked)
    assert answer.status_code == 200, answer.text
    lines: list[dict[str, Any]] = answer.json()["journal"]
    return lines


async def test_lines_are_numbered_in_order_and_shown_newest_first(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await hand.vip("POST", "viewer1")
    lines = await journal(twitch)
    assert [line["number"] for line in lines] == list(range(len(lines), 0, -1))
    assert [line["kind"] for line in lines[:2]] == ["request", "effect"]
    assert (await twitch.look("journal"))["newest"] == len(lines)


async def test_who_asks_on_from_a_line_gets_all_that_followed_oldest_first(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    for viewer in ("viewer1", "viewer2", "viewer3"):
        await hand.vip("POST", viewer)
    everything = (await journal(twitch))[::-1]
    read: list[dict[str, Any]] = []
    while len(read) < len(everything):
        page = await journal(twitch, after=read[-1]["number"] if read else 0, limit=2)
        assert page == everything[len(read) : len(read) + 2]
        read += page
    assert await journal(twitch, after=read[-1]["number"]) == []


async def test_one_may_ask_for_some_kinds_only(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await twitch.control("faults", path="/users", do="status")
    await hand.call("GET", "users")
    await hand.vip("POST", "viewer1")
    assert {line["kind"] for line in await journal(twitch, kind=["effect", "fault"])} == {"effect", "fault"}
    [fault] = await journal(twitch, kind="fault")
    assert (fault["do"], fault["method"], fault["caller"]) == ("status", "GET", "streamer")
    assert fault["path"].endswith("/helix/users")
    assert await journal(twitch, kind="fault", after=fault["number"]) == []


@pytest.mark.parametrize("wrong", [{"limit": "x"}, {"limit": "-1"}, {"after": "1e3"}, {"kind": "gossip"}])
async def test_what_no_journal_has_is_refused(twitch: Twitch, wrong: dict[str, str]) -> None:
    answer = await twitch.client.get("control/journal", params=wrong)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


async def test_a_request_names_its_caller_and_the_face_of_twitch_it_spoke_to(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await hand.vip("POST", "viewer1")
    last = (await journal(twitch, kind="request"))[0]
    assert {name: last[name] for name in ("method", "status", "surface", "caller", "client")} == {
        "method": "POST",
        "status": 204,
        "surface": "helix",
        "caller": "streamer",
        "client": CLIENT_ID,
    }
    assert "user_id=3001" in last["query"]


async def test_an_app_and_who_asks_for_tokens_are_named_by_client(twitch: Twitch) -> None:
    token = (await twitch.token(grant_type="client_credentials")).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Client-Id": CLIENT_ID}
    await twitch.client.get("helix/users", params={"login": "mod"}, headers=headers)
    users, tokens = (await journal(twitch, kind="request"))[:2]
    assert (users["caller"], users["client"], users["surface"]) == ("", CLIENT_ID, "helix")
    assert (tokens["caller"], tokens["client"], tokens["surface"]) == ("", CLIENT_ID, "oauth")


async def test_who_revokes_a_token_is_still_named_by_it(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    headers = {"Authorization": f"Bearer {hand.access}"}
    await twitch.client.post("oauth2/revoke", data={"client_id": CLIENT_ID, "token": hand.access}, headers=headers)
    assert (await journal(twitch, kind="request"))[0]["caller"] == "streamer"


async def test_a_handshake_is_a_request_too(twitch: Twitch) -> None:
    async with socket_to(twitch) as socket:
        await session_of(socket)
    [line] = await journal(twitch, kind="request")
    assert (line["method"], line["status"], line["surface"]) == ("GET", 101, "socket")


async def test_no_line_holds_a_secret(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    code = await twitch.code()
    by_query = {"grant_type": "refresh_token", "refresh_token": hand.refresh, "client_secret": CLIENT_SECRET}
    await twitch.client.post("oauth2/token", params={**by_query, "client_id": CLIENT_ID})
    await twitch.client.post("auth/token", params={**by_query, "client_id": hand.refresh})
    await twitch.client.post("auth/token", data={"client_id": hand.refresh, "client_secret": CLIENT_SECRET})
    await twitch.control("faults", path="/oauth2/token", do="lose_answer")
    with pytest.raises(httpx.RemoteProtocolError):
        await twitch.token(grant_type="authorization_code", code=code)
    await hand.vip("POST", "viewer1")
    said = (await twitch.client.get("control/journal?limit=9999")).text
    for secret in (hand.access, hand.refresh, code, CLIENT_SECRET):
        assert secret not in said


async def test_of_parameters_that_helix_has_not_only_the_name_is_noted(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    asked = f"login=mod&oauth_token={hand.access}&client_secret={CLIENT_SECRET}&{hand.access}&{hand.refresh}=1&id=2001"
    await twitch.client.get(f"helix/users?{asked}")
    [line] = await journal(twitch, kind="request", limit=1)
    assert line["query"] == "login=mod&oauth_token&client_secret&…&…&id=2001"


async def test_a_line_is_short_whatever_was_asked(twitch: Twitch) -> None:
    await twitch.client.get(f"helix/{'x' * 9000}?id={'9' * 9000}")
    await twitch.sign_in(scope=" ".join(f"scope{number}" for number in range(3000)))
    await twitch.control("faults", do="status", path="/helix/users")
    await twitch.client.get(f"{'x/' * 4000}helix/users")
    lines = await journal(twitch)
    assert {line["kind"] for line in lines} == {"request", "effect", "fault"}
    assert max(len(str(line)) for line in lines) < 2000


async def test_each_line_is_told(start: Start) -> None:
    told: list[int] = []
    async with httpx.AsyncClient(base_url=start(told=lambda: told.append(1)), trust_env=False) as client:
        twitch = Twitch(client)
        await (await twitch.sign_in()).vip("POST", "viewer1")
        assert len(told) == (await twitch.look("journal"))["newest"] > 0
