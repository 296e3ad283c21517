"""What posts to webhooks, from the first post on: who has none needs no library for it."""

from collections.abc import Mapping, Set
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vip_manager.outgoing.post import Poster


class LatePoster:
    """Like `Poster`, with its defaults."""

    @cached_property
    def _poster(self) -> "Poster":
        from vip_manager.outgoing.post import Poster

        return Poster()

    async def post(self, url: str, headers: Mapping[str, str], content: bytes, gone: Set[int]) -> None:
        """Raises Undelivered."""
        await self._poster.post(url, headers, content, gone)

    async def aclose(self) -> None:
        if "_poster" in self.__dict__:
            await self._poster.aclose()
