"""The way from the program to a running sandbox: what the sandbox's pages and the `redeem` command ask of it."""

from collections.abc import Mapping
from functools import cached_property
from types import TracebackType
from typing import Any, Self

import httpx

from vip_manager.ports import SandboxRefused


class SandboxRemote:
    """Implements `ports.SandboxTwitch`. `base_url` is where the simulator is mounted, with its prefix."""

    def __init__(self, base_url: str, timeout: float = 10.0) -> None:
        self._base_url = base_url.rstrip("/") + "/control/"
        self._timeout = timeout

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        """Made when there is something to ask: its transport takes its time and its memory."""
        # Plain HTTP, on this machine: the world's certificates need not be loaded for it.
        return httpx.AsyncClient(
            base_url=self._base_url,
            timeout=self._timeout,
            trust_env=False,
            verify=False,  # noqa: S501
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        if "_client" in self.__dict__:
            await self._client.aclose()

    async def redeem(self, channel: str, viewer: str, reward: str | None = None) -> None:
        wish = {"channel": channel, "viewer": viewer}
        await self.act("redeem", **wish, **({} if reward is None else {"reward": reward}))

    async def jump(self, seconds: float) -> None:
        await self.act("jump", seconds=seconds)

    async def viewers(self) -> list[str]:
        """The login of everybody who is not deleted; those who stream or moderate come last."""
        world = await self.world()
        staff = {user["login"] for user in world["users"] if user["broadcaster_type"]}
        staff |= {one["login"] for channel in world["channels"] for one in channel["moderators"]}
        there = (str(user["login"]) for user in world["users"] if not user["deleted"])
        return sorted(there, key=lambda login: login in staff)

    async def stage(self, channel: str) -> dict[str, Any]:
        return await self._ask("GET", "stage", query={"channel": channel})

    async def add_fault(self, rule: Mapping[str, Any]) -> str:
        return str((await self._ask("POST", "faults", dict(rule)))["id"])

    async def remove_fault(self, rule_id: str) -> None:
        await self._ask("DELETE", "faults", query={"id": rule_id})

    async def world(self) -> dict[str, Any]:
        return await self._ask("GET", "world")

    async def audit(self) -> dict[str, Any]:
        return await self._ask("GET", "audit")

    async def act(self, action: str, /, **wish: Any) -> dict[str, Any]:
        """Any action of the control API by its name, e.g. act("vip", channel=…, viewer=…, vip=True)."""
        return await self._ask("POST", action, wish)

    async def _ask(
        self, method: str, path: str, wish: dict[str, Any] | None = None, query: dict[str, str] | None = None
    ) -> dict[str, Any]:
        try:
            answer = await self._client.request(method, path, json=wish, params=query)
            said = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise SandboxRefused("The sandbox's Twitch does not answer. Is the program running?") from error
        if not isinstance(said, dict):
            raise SandboxRefused("The sandbox's Twitch answered something strange.")
        if answer.is_error:
            refusal = said.get("error")
            words = refusal.get("message") if isinstance(refusal, dict) else None
            raise SandboxRefused(str(words or f"The sandbox's Twitch refused ({answer.status_code})."))
        return said
