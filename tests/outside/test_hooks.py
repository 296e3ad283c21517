"""Webhooks out: which addresses, what is sent, how it is signed, and that it never reaches a private network."""

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import json
import ssl
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.receiver import here, receiving
from tests.store.records import T0, channel
from vip_manager.domain import hook_body
from vip_manager.domain.hook import Hook, HookForm, form_of, parse_address
from vip_manager.domain.notice import Event, Notice
from vip_manager.domain.outbox import Why
from vip_manager.domain.terms import InvalidInput
from vip_manager.outgoing.post import Names, Poster
from vip_manager.outgoing.public import is_public
from vip_manager.ports import Undelivered

HOOK = Hook("h1", HookForm.JSON, T0, "https://example.com/in", frozenset(Event))
NOTICE = Notice("a1", Event.STARTED, "1001", T0, "2001", "viewer1", "@every_one", hours=24.0, until=T0)
PRIVATE = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::1/128",
    "::ffff:0:0/96",
    "64:ff9b::/96",
    "2001::/32",
    "2002::/16",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://Example.com", "https://example.com/"),
        (" https://example.com:443/in?key=1 ", "https://example.com/in?key=1"),
        ("https://example.com:8443/in", "https://example.com:8443/in"),
        ("https://bücher.example/in", "https://xn--bcher-kva.example/in"),
    ],
)
def test_an_address_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert parse_address(typed) == kept
    assert parse_address(kept) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "http://example.com/",
        "http://localhost:3000/",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://[::1]/",
        "https://me:secret@example.com/",
        "https://example.com/#part",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://exa mple.com/",
        "https://example.com\\@localhost/",
        "https://example.com/a\nb",
        "https://127.1/",
        "https://127\u30020\u30020\u30021/",
        "https://0177.0.0.1/",
        "https://metadata/",
        f"https://example.com/{'a' * 500}",
        None,
    ],
)
def test_what_is_no_public_https_address_is_refused(typed: object) -> None:
    with pytest.raises(InvalidInput):
        parse_address(typed)


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("https://discord.com/api/webhooks/1/x", HookForm.DISCORD),
        ("https://ptb.discord.com/api/v10/webhooks/1/x", HookForm.DISCORD),
        ("https://canary.discordapp.com/api/webhooks/1/x", HookForm.DISCORD),
        ("https://discord.com.example.org/api/webhooks/1/x", HookForm.JSON),
        ("https://discord.com/channels/1", HookForm.JSON),
    ],
)
def test_discord_is_known_by_its_address(url: str, form: HookForm) -> None:
    assert form_of(url) is form


@given(some.sampled_from(PRIVATE), some.integers(min_value=0))
def test_no_address_of_a_private_network_is_public(network: str, number: int) -> None:
    found = ipaddress.ip_network(network)
    assert not is_public(str(found[number % found.num_addresses]))


def test_addresses_of_the_internet_are_public_and_metadata_is_not() -> None:
    assert all(is_public(one) for one in ("1.1.1.1", "162.159.128.233", "2606:4700::1111"))
    assert not any(is_public(one) for one in ("168.63.129.16", "169.254.169.254", "fd00:ec2::254", "fe80::1%eth0", ""))


def test_a_post_is_signed_as_standard_webhooks_says() -> None:
    content = hook_body.body(HOOK, channel(), NOTICE)
    sent = hook_body.headers(["new", "old"], HOOK, "a1.h1", T0, content)
    for key, said in zip(["new", "old"], sent["webhook-signature"].split(" "), strict=True):
        raw = base64.b64decode(hook_body.secret(key, HOOK).removeprefix("whsec_"))
        stamp = sent["webhook-timestamp"].encode()
        expected = hmac.new(raw, b"a1.h1." + stamp + b"." + content, hashlib.sha256).digest()
        assert said == "v1," + base64.b64encode(expected).decode()
    assert hook_body.secret("new", replace(HOOK, number=1)) != hook_body.secret("new", HOOK)
    assert hook_body.secret("new", replace(HOOK, id="h2")) != hook_body.secret("new", HOOK)
    assert json.loads(content)["viewer"] == {"id": "2001", "login": "viewer1", "name": "@every_one"}


def test_a_name_does_nothing_in_discord() -> None:
    said = json.loads(hook_body.body(replace(HOOK, form=HookForm.DISCORD), channel(), NOTICE))
    assert said["allowed_mentions"] == {"parse": []}
    assert r"**\@every\_one**" in said["content"]
    assert hook_body.escaped("<@1> [x](y)\n# z") == r"\<\@1\> \[x\]\(y\) \# z"


Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]


@asynccontextmanager
async def receiver(answer: Answer) -> AsyncIterator[str]:
    """A server on this machine. Plain, as TLS is httpcore's."""

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await answer(reader, writer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(met, "127.0.0.1", 0)
    async with server:
        yield f"http://receiver.example:{server.sockets[0].getsockname()[1]}/in"


async def local(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


@asynccontextmanager
async def poster(**more: Any) -> AsyncIterator[Poster]:
    made = Poster(**{"resolve": local, "allowed": lambda _: True, "deadline": timedelta(seconds=0.5), **more})
    try:
        yield made
    finally:
        await made.aclose()


def says(text: str) -> Answer:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(text.encode())

    return answer


async def post(answer: Answer, **more: Any) -> Undelivered | None:
    async with receiver(answer) as url, poster(**more) as made:
        try:
            await made.post(url, {}, b"{}", frozenset({410}))
        except Undelivered as failed:
            return failed
    return None


@pytest.mark.parametrize(
    ("status", "why", "temporary"),
    [
        ("410 Gone", Why.GONE, False),
        ("404 Not Found", Why.REFUSED, False),
        ("302 Found\r\nLocation: http://receiver.example/other", Why.REFUSED, False),
        ("408 Request Timeout", Why.UNREACHABLE, True),
        ("500 Internal Server Error", Why.UNREACHABLE, True),
        ("429 Too Many Requests", Why.TOO_MANY, True),
    ],
)
async def test_an_answer_says_whether_it_is_tried_again(status: str, why: Why, temporary: bool) -> None:
    failed = await post(says(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"))
    assert failed
    assert (failed.why, failed.temporary) == (why, temporary)


@pytest.mark.parametrize(
    ("after", "wait"), [("120", 120), ("999999", 3600), ("0", None), ("soon", None), ("9" * 400, 3600)]
)
async def test_it_waits_as_long_as_it_is_asked_to_within_bounds(after: str, wait: float | None) -> None:
    failed = await post(says(f"HTTP/1.1 503 Busy\r\nRetry-After: {after}\r\nContent-Length: 0\r\n\r\n"))
    assert failed
    assert (failed.wait.total_seconds() if failed.wait else None) == wait


async def test_a_huge_answer_is_not_read_and_a_hanging_one_not_waited_for() -> None:
    async def huge(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n" + b"a" * 9000)
        await reader.read()

    async def hangs(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async def cut(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    assert await post(huge) is None
    for answer in (hangs, cut):
        failed = await post(answer)
        assert failed
        assert (failed.why, failed.temporary) == (Why.UNREACHABLE, True)


@pytest.mark.parametrize("found", [["127.0.0.1"], ["1.1.1.1", "10.0.0.1"], ["::ffff:127.0.0.1"], []])
async def test_a_name_that_leads_into_a_private_network_is_not_connected_to(found: list[str]) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return found

    failed = await post(says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), resolve=resolve, allowed=is_public)
    assert failed
    assert (failed.why, failed.temporary) == (Why.FORBIDDEN, False)


async def test_a_name_is_looked_up_once_and_the_address_that_was_checked_is_the_one_connected_to() -> None:
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    assert await post(says("HTTP/1.1 204 No Content\r\n\r\n"), resolve=resolve) is None
    assert asked == ["receiver.example"]


@pytest.mark.parametrize(
    "found", ["0x7f.1", "0x7f.0x1", "169.254.169.254.", "::ffff:a9fe:a9fe", "fe80::1%lo", "1.1.1.1/32"]
)
def test_what_only_looks_like_an_address_of_the_internet_is_none(found: str) -> None:
    assert not is_public(found)


async def test_a_redirect_is_not_followed() -> None:
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    elsewhere = (
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n"
    )
    failed = await post(says(elsewhere), resolve=resolve)
    assert failed
    assert (failed.why, failed.temporary, asked) == (Why.REFUSED, False, ["receiver.example"])


async def test_headers_without_end_are_not_read_to_their_end() -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for _number in range(64):
            writer.write(b"X-More: " + b"a" * 8000 + b"\r\n")
        await writer.drain()

    failed = await post(answer)
    assert failed
    assert failed.why is Why.UNREACHABLE


async def test_whoever_answers_must_show_a_certificate_for_that_very_name(tmp_path: Path) -> None:
    with receiving(tmp_path, ["hooks.example"]) as there:
        trusting = ssl.create_default_context(cafile=there.trusted)
        patient = timedelta(seconds=20)
        async with poster(resolve=here, certificates=trusting, deadline=patient) as made:
            await made.post(there.url(), {}, b'{"a":1}', frozenset())
            with pytest.raises(Undelivered) as failed:
                await made.post(there.url(host="other.example"), {}, b'{"a":2}', frozenset())
        async with poster(resolve=here, deadline=patient) as strict:
            with pytest.raises(Undelivered):
                await strict.post(there.url(), {}, b'{"a":3}', frozenset())
    assert (failed.value.why, failed.value.temporary) == (Why.UNREACHABLE, True)
    assert [one.body for one in there.got] == [{"a": 1}]


async def test_names_that_hang_hold_up_no_other_and_are_asked_for_once() -> None:
    go_on = threading.Event()
    asked: list[str] = []

    def look(host: str) -> list[str]:
        asked.append(host)
        if host.startswith("slow"):
            go_on.wait(30)
        if host == "gone":
            raise OSError("no such name")
        return ["1.1.1.1"]

    names = Names(look, most=6)
    waiting = [asyncio.ensure_future(names(f"slow{number % 5}", 443)) for number in range(15)]
    await asyncio.sleep(0)
    assert await names("quick", 443) == ["1.1.1.1"]
    with pytest.raises(OSError, match="no such name"):
        await names("gone", 443)
    waiting.append(asyncio.ensure_future(names("slow5", 443)))
    await asyncio.sleep(0)
    with pytest.raises(OSError, match="too many"):
        await names("quick", 443)
    # One that is not waited for any more counts for as long as it hangs.
    waiting[-1].cancel()
    with pytest.raises(OSError, match="too many"):
        await names("quick", 443)
    go_on.set()
    assert await asyncio.gather(*waiting[:-1]) == [["1.1.1.1"]] * 15
    assert sorted(one for one in asked if one.startswith("slow")) == [f"slow{number}" for number in range(6)]
    assert await names("quick", 443) == ["1.1.1.1"]


async def test_a_name_that_hangs_does_not_hold_up_a_post_for_long() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    failed = await post(says("HTTP/1.1 204 No Content\r\n\r\n"), resolve=resolve)
    assert failed
    assert (failed.why, failed.temporary) == (Why.UNREACHABLE, True)
