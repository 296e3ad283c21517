"""A webhook's receiver as tests need it, and what an app token does with subscriptions."""

import asyncio
import hashlib
import hmac
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.simulator.driver import Hand, Twitch, until

SECRET = "0123456789abcdef"
MESSAGE = "twitch-eventsub-message-"


@dataclass(frozen=True)
class Delivery:
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def id(self) -> str:
        return self.headers[MESSAGE + "id"]

    @property
    def kind(self) -> str:
        return self.headers[MESSAGE + "type"]

    @property
    def retry(self) -> str:
        return self.headers[MESSAGE + "retry"]

    def signed_with(self, secret: str) -> bool:
        signed = self.id.encode() + self.headers[MESSAGE + "timestamp"].encode() + self.raw
        return (
            self.headers[MESSAGE + "signature"]
            == f"sha256={hmac.digest(secret.encode(), signed, hashlib.sha256).hex()}"
        )


@dataclass
class Receiver:
    """Keeps all that comes. Answers a challenge with its text (or with `challenge_answer`), anything else with the next
    of `answers`, then 204. A status of 0 is no answer at all."""

    url: str = ""
    challenge_answer: str | None = None
    answers: deque[int] = field(default_factory=deque)
    always: int = 204
    arrived: list[Delivery] = field(default_factory=list)

    async def receive(self, request: Request) -> Response:
        delivery = Delivery(dict(request.headers), await request.body())
        self.arrived.append(delivery)
        if delivery.kind == "webhook_callback_verification":
            answer = delivery.body["challenge"] if self.challenge_answer is None else self.challenge_answer
            return PlainTextResponse(answer)
        status = self.answers.popleft() if self.answers else self.always
        if status == 0:
            while not await request.is_disconnected():
                await asyncio.sleep(0.01)
        if status == 302:
            return Response(status_code=302, headers={"Location": self.url + "/elsewhere"})
        return Response(status_code=status or 204)

    def app(self) -> Starlette:
        paths = ("/eventsub", "/elsewhere")
        return Starlette(routes=[Route(path, self.receive, methods=["GET", "POST"]) for path in paths])

    def of(self, kind: str) -> list[Delivery]:
        return [one for one in self.arrived if one.kind == kind]

    async def got(self, number: int, kind: str = "notification") -> list[Delivery]:
        async def enough() -> bool:
            return len(self.of(kind)) >= number

        await until(enough)
        return self.of(kind)


class App(Hand):
    """The client's own token, which subscribes webhooks."""

    async def hook(
        self,
        callback: str,
        kind: str,
        *,
        secret: Any = SECRET,
        condition: dict[str, Any] | None = None,
        **transport: Any,
    ) -> httpx.Response:
        return await self.call(
            "POST",
            "eventsub/subscriptions",
            {
                "type": kind,
                "version": "1",
                "condition": {"broadcaster_user_id": "1001"} if condition is None else condition,
                "transport": {"method": "webhook", "callback": callback, "secret": secret, **transport},
            },
        )

    async def hooked(self, receiver: Receiver, kind: str, **options: Any) -> str:
        """Subscribed and enabled; gives its id."""
        answer = await self.hook(receiver.url + "/eventsub", kind, **options)
        assert answer.status_code == 202, answer.text
        made = str(answer.json()["data"][0]["id"])
        await self.becomes(made, "enabled")
        return made

    async def listed(self, **params: Any) -> Any:
        answer = await self.call("GET", "eventsub/subscriptions", **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def status_of(self, subscription_id: str) -> str:
        found = (await self.listed(subscription_id=subscription_id))["data"]
        return found[0]["status"] if found else "gone"

    async def becomes(self, subscription_id: str, status: str) -> None:
        async def there() -> bool:
            return await self.status_of(subscription_id) == status

        await until(there)


async def app_of(twitch: Twitch) -> App:
    answer = await twitch.token(grant_type="client_credentials")
    assert answer.status_code == 200, answer.text
    return App(twitch, "", answer.json()["access_token"], "")


async def granted(twitch: Twitch) -> App:
    await twitch.sign_in()
    return await app_of(twitch)
