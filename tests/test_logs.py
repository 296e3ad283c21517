"""What the program writes to its log: one line an event, and no secret."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import structlog

from vip_manager import tracing
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
    assert (said["message"], said["severity"]) == ("vip granted", "INFO")
    assert said["logging.googleapis.com/labels"] == {"channel_id": "1001"}
    assert datetime.fromisoformat(said["time"]).tzinfo == UTC
    assert said.keys() == {"message", "severity", "time", "logging.googleapis.com/labels"}


@pytest.mark.usefixtures("root")
def test_what_is_done_for_a_request_is_found_by_it(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json", project="my-project")
    began = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with tracing.step("grant", since=began):
        structlog.get_logger("ours").info("vip granted")
    said = json.loads(capsys.readouterr().err)
    assert said["logging.googleapis.com/labels"] == {"request_id": "0af7651916cd43dd8448eb211c80319c"}
    assert said["logging.googleapis.com/trace"] == "projects/my-project/traces/0af7651916cd43dd8448eb211c80319c"
    assert said["logging.googleapis.com/trace_sampled"] is True


@pytest.mark.usefixtures("root")
def test_an_error_is_one_that_error_reporting_takes(capsys: pytest.CaptureFixture[str]) -> None:
    """https://cloud.google.com/error-reporting/docs/formatting-error-messages"""
    logs.configure("json", service="vip-manager", revision="vip-manager-00007")
    try:
        raise ValueError("a poisoned record")
    except ValueError:
        structlog.get_logger("ours").exception("record could not be handled", id="r1")
    logging.getLogger("some.library").error("failed")
    raised, told = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    for said in (raised, told):
        assert said["@type"].endswith("v1beta1.ReportedErrorEvent")
        assert said["serviceContext"] == {"service": "vip-manager", "version": "vip-manager-00007"}
        assert said["severity"] == "ERROR"
    assert raised["stack_trace"].startswith("record could not be handled\nTraceback (most recent call last):")
    assert "ValueError: a poisoned record" in raised["stack_trace"]
    assert told["context"]["reportLocation"]["filePath"] == __file__


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
    for line in (
        "vip granted channel_id=1001 user_id=3001 code=404 token_count=3 event='VIP for a day' url=https://x/y",
        "Failed to export metrics to telemetry.googleapis.com:443, error code: StatusCode.PERMISSION_DENIED",
    ):
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
    assert json.loads(line)["message"] == "Exception in ASGI application"
