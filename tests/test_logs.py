"""What the program writes to its log: one line an event, and no secret."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from vip_manager.observability import logs


@pytest.fixture
def root() -> Iterator[None]:
    """Leaves the root logger as it was."""
    logger = logging.getLogger()
    handlers, level = logger.handlers[:], logger.level
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("form", ["console", "json"])
@pytest.mark.parametrize(
    "said",
    [
        "{'cookie': 'vip=SECRETSECRETSECRET', 'user-agent': 'x'}",
        "Cookie: theme=dark; __Host-vip=SECRETSECRETSECRET; a=b",
        "Authorization: Bearer SECRETSECRETSECRET",
        "OAuth SECRETSECRETSECRET",
        "https://id.twitch.tv/oauth2/token?client_id=x&client_secret=SECRETSECRETSECRET&code=SECRETSECRETSECRET",
        "{'access_token': 'SECRETSECRETSECRET', 'refresh_token': 'SECRETSECRETSECRET'}",
        'POST /oauth2/token {"code": "SECRETSECRETSECRET", "grant_type": "authorization_code"}',
        "GET /api/auth/callback?state=SECRETSECRETSECRET&code=SECRETSECRETSECRET",
        "authorization: Basic SECRETSECRETSECRET==",
        "PASS oauth:SECRETSECRETSECRET",
        "Headers({'host': 'x', 'cookie': 'session_of_another=SECRETSECRETSECRET', 'accept': '*/*'})",
        "[(b'cookie', b'vip=SECRETSECRETSECRET; theme=dark'), (b'host', b'x')]",
        "[(b'cookie', b'of_another=SECRETSECRETSECRET'), (b'host', b'x')]",
        "{'accessToken': 'SECRETSECRETSECRET', 'refreshToken': 'SECRETSECRETSECRET'}",
        "cookies {'vip': 'SECRETSECRETSECRET'}",
        "next=%2F%3Faccess_token%3DSECRETSECRETSECRET",
        "set-cookie: a=SECRETSECRETSECRET; Path=/",
        "/_event/?token=SECRETSECRETSECRET&EIO=4",
        "GET /overlay/anna?layout=list&key=SECRETSECRETSECRET HTTP/1.1",
        "{'query': {'key': 'SECRETSECRETSECRET'}}",
        "https://vip.test/overlay/anna?key%3DSECRETSECRETSECRET",
    ],
)
def test_what_a_library_lets_slip_is_not_written(form: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(form)
    logging.getLogger("some.library").error("failed: %s", said)
    try:
        raise ValueError(said)
    except ValueError:
        structlog.get_logger("ours").exception("failed", detail=said)
    written = capsys.readouterr().err
    assert "SECRETSECRETSECRET" not in written
    assert "[secret]" in written


@pytest.mark.usefixtures("root")
def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json")
    structlog.get_logger("ours").info("vip granted", channel_id="1001")
    said = json.loads(capsys.readouterr().err)
    assert (said["event"], said["channel_id"], said["level"]) == ("vip granted", "1001", "info")


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("form", ["console", "json"])
def test_this_installations_own_secrets_are_written_nowhere(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(form, secrets=["a root secret of ours", "another (of before)", ""])
    logging.getLogger("some.library").error("can't parse 'x=another (of before)!'")
    structlog.get_logger("ours").error("failed", error="a root secret of ours")
    written = capsys.readouterr().err
    assert "secret of ours" not in written
    assert "of before" not in written
    assert written.count("[secret]") == 2


def test_what_is_no_secret_stays_readable() -> None:
    line = "vip granted channel_id=1001 user_id=3001 code=404 token_count=3 event='VIP for a day' url=https://x/y"
    assert logs.Scrubber(["root"]).scrubbed(line) == line


@pytest.mark.usefixtures("root")
def test_what_anybody_may_send_writes_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    server = logging.getLogger("uvicorn.error")
    level = server.level
    try:
        logs.configure("json")
        server.warning("Invalid HTTP request received.")
        server.error("Exception in ASGI application")
    finally:
        server.setLevel(level)
    [line] = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "Exception in ASGI application"
