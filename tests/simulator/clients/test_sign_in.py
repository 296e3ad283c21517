"""Tokens: how other people's libraries get, check, renew and give back theirs."""

import pytest

from tests.simulator.clients import browser
from tests.simulator.clients.conftest import SCOPES, Curtain
from tests.simulator.clients.talking import Library, Refusal
from tests.simulator.driver import CLIENT_ID

REFRESH_REFUSED = {
    "twitchAPI": "InvalidRefreshTokenException",
    "TwitchIO": "HTTPException",
    "twurple": "HttpStatusCodeError",
}
"""What each raises where Twitch answers 400 "Invalid refresh token"."""


def test_a_token_got_by_code_is_valid_for_its_user_and_scopes(library: Library) -> None:
    assert library.ask("validate") == {
        "valid": True,
        "login": "streamer",
        "user_id": "1001",
        "client_id": CLIENT_ID,
        "scopes": SCOPES,
    }


def test_an_app_token_reads_users_and_unknown_ones_are_left_out(library: Library) -> None:
    found = library.ask("users_as_app", logins=["viewer1", "nobody_at_all", "streamer"])
    assert found == {"1001": "Streamer", "3001": "Viewer1"}


def test_a_refreshed_token_is_another_one_and_works(library: Library) -> None:
    assert library.ask("refresh") is True
    assert library.ask("validate")["valid"] is True


def test_a_token_that_died_is_refreshed_by_the_library_alone(library: Library, twitch: Curtain) -> None:
    assert twitch.control("expire-tokens", user="streamer")["expired"] > 0
    assert library.ask("users", ids=["3001"]) == ["viewer1"]
    assert library.ask("validate")["valid"] is True


def test_a_revoked_token_is_invalid(library: Library) -> None:
    assert library.ask("revoke") is True
    assert library.ask("validate") == {"valid": False}


def test_a_user_who_disconnected_has_no_refresh_token_left(library: Library, twitch: Curtain, name: str) -> None:
    twitch.control("disconnect", user="streamer")
    with pytest.raises(Refusal) as refused:
        library.ask("refresh")
    assert refused.value.kind == REFRESH_REFUSED[name]
    assert library.ask("validate") == {"valid": False}


def test_a_denial_comes_back_without_a_code_and_the_library_waits_on(arrived: Library) -> None:
    arrived.begin("sign_in", scopes=SCOPES)
    url = arrived.saw("open")["url"]
    back = browser.deny(url)
    assert "error=access_denied" in back
    assert "code=" not in back
    assert browser.sign_in(url, "streamer").status_code == 200
    assert arrived.answer() == "streamer"
