from tests.simulator.driver import CLIENT_ID, CLIENT_SECRET, Hand, Twitch


async def test_users_are_found_by_id_and_login_and_unknown_ones_left_out(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    answer = await hand.call("GET", "users", id=["1001", "9999"], login=["ViewEr1", "nobody"])
    assert [one["login"] for one in answer.json()["data"]] == ["streamer", "viewer1"]
    own = (await hand.call("GET", "users")).json()["data"][0]
    assert (own["id"], own["display_name"], own["broadcaster_type"]) == ("1001", "Streamer", "affiliate")
    assert "email" not in own
    assert (await hand.call("GET", "users", id=[str(n) for n in range(101)])).status_code == 400
    assert (await hand.call("GET", "users", id="abc")).status_code == 400


async def test_an_e_mail_address_is_shown_with_its_scope_only(twitch: Twitch) -> None:
    hand = await twitch.sign_in(scope="user:read:email")
    assert (await hand.call("GET", "users")).json()["data"][0]["email"].endswith(".invalid")


async def test_an_app_token_reads_users_but_no_channel(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    answer = await twitch.client.post(
        "oauth2/token",
        data={"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "grant_type": "client_credentials"},
    )
    hand.access = answer.json()["access_token"]
    assert (await hand.call("GET", "users", login="streamer")).status_code == 200
    assert (await hand.call("GET", "users")).status_code == 400
    assert (await hand.call("GET", "channels/vips", broadcaster_id="1001")).status_code == 401


async def test_streams_are_empty_unless_live(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    assert (await hand.call("GET", "streams", user_id="1001")).json() == {"data": [], "pagination": {}}
    await twitch.control("channel", channel="streamer", live=True)
    streams = (await hand.call("GET", "streams", user_login="streamer")).json()["data"]
    assert [(one["user_id"], one["type"]) for one in streams] == [("1001", "live")]
    assert (await hand.call("GET", "streams", user_id="1002")).json()["data"] == []


async def app_of(twitch: Twitch) -> Hand:
    answer = await twitch.token(grant_type="client_credentials")
    return Hand(twitch, "", answer.json()["access_token"], "")


async def test_the_app_sees_what_users_have_granted_it_in_the_order_asked(twitch: Twitch) -> None:
    await twitch.sign_in("viewer1", scope="user:bot")
    await twitch.sign_in("viewer1", scope="user:write:chat")
    asked = await (await app_of(twitch)).call("GET", "authorization/users", user_id=["3002", "9999", "3001"])
    assert asked.json() == {
        "data": [
            {
                "user_id": "3002",
                "user_login": "viewer2",
                "user_name": "Viewer2",
                "scopes": [],
                "has_authorized": False,
            },
            {
                "user_id": "3001",
                "user_login": "viewer1",
                "user_name": "Viewer1",
                "scopes": ["user:bot", "user:write:chat"],
                "has_authorized": True,
            },
        ]
    }


async def test_streams_are_paged_forwards_and_backwards(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    for number in range(1, 6):
        await twitch.control("channel", channel=f"viewer{number}", live=True)

    async def page(**cursor: str) -> tuple[list[str], str]:
        found = (await hand.call("GET", "streams", first=2, **cursor)).json()
        return [one["user_login"] for one in found["data"]], found["pagination"].get("cursor", "")

    first, to_second = await page()
    second, to_third = await page(after=to_second)
    third, end = await page(after=to_third)
    assert (first, second, third, end) == (["viewer1", "viewer2"], ["viewer3", "viewer4"], ["viewer5"], "")
    back, to_second_again = await page(before=to_third)
    assert back == first
    assert (await page(after=to_second_again))[0] == second
    assert await page(before=to_second) == ([], "")
    both = await hand.call("GET", "streams", after=to_second, before=to_third)
    assert both.status_code == 400


async def test_streams_are_filtered_by_game_language_and_type(twitch: Twitch) -> None:
    hand = await twitch.sign_in()
    await twitch.control("channel", channel="streamer", live=True)

    async def seen(**filters: str) -> int:
        return len((await hand.call("GET", "streams", **filters)).json()["data"])

    assert [await seen(type="live"), await seen(language="en"), await seen(game_id="509658")] == [1, 1, 1]
    assert [await seen(language="de"), await seen(game_id="1")] == [0, 0]
