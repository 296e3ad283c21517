"""A public picture as an answer that caches understand: its ETag changes with what it shows, and not with the time.

A picture carries the server's `now`, from which a page's clocks run. An answer out of a cache is older than that by its
`Age`, and a 304 says that all but the time is as it was. (https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3: weak,
for two answers with one tag differ in their `now`.)
"""

import hashlib
import json
from dataclasses import asdict, dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from vip_manager.services.pictures import PublicPicture

_MOST_KEPT = 2000


@dataclass(frozen=True, slots=True)
class _Kept:
    picture: PublicPicture
    tag: str
    rest: bytes


class Pictures:
    """Keeps the last one of each channel as text: however many ask, it is made once a change."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    def answer(self, request: Request, key: str, picture: PublicPicture, *, ahead: int, cache: str) -> Response:
        """`key` names whose it is. `ahead`: seconds that domain time runs ahead of the wall's clock; a jump is news."""
        kept = self._kept.get(key)
        still = replace(picture, now=ahead)
        if kept is None or kept.picture != still:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            kept = self._kept[key] = _made(still)
        headers = {"ETag": kept.tag, "Cache-Control": cache}
        if known(request, kept.tag):
            return Response(status_code=304, headers=headers)
        body = b'{"now":%d,%s' % (picture.now, kept.rest)
        return Response(body, media_type="application/json", headers=headers)


def _made(picture: PublicPicture) -> _Kept:
    told = asdict(picture)
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    del told["now"]
    rest = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()[1:]
    return _Kept(picture, f'W/"{hashlib.sha256(text).hexdigest()[:32]}"', rest)


def known(request: Request, tag: str) -> bool:
    """Compared weakly, as If-None-Match asks for."""
    asked = [one.strip() for one in request.headers.get("if-none-match", "").split(",")]
    return "*" in asked or tag.removeprefix("W/") in {one.removeprefix("W/") for one in asked}
