"""Posts that change something: they must come from a page of ours, and from the person whom that page was made for.

Two guards, each good by itself: where the browser says that the post comes from (`Origin`, else `Sec-Fetch-Site`), and
the token that the page was given for this sign-in (services/form_tokens.py).
"""

from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from vip_manager.addresses import origin_of
from vip_manager.services.access import Person
from vip_manager.services.container import running
from vip_manager.web.answers import error

FIELD = "token"
"""The hidden input with the token."""
_MOST_FIELDS = 50


class NotOurForm(Exception):
    """`code` is for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


async def sender(request: Request, public_url: str) -> Person | None:
    """Who has sent a form of ours; None where nobody is signed in (any more). Raises NotOurForm, StoreError."""
    if not _same_origin(request, public_url):
        raise NotOurForm("wrong_origin", "This can be asked for on our own pages only.")
    person = await running().access.person(request.headers.get("cookie", ""))
    if person is not None and not running().form_tokens.fits(await _token(request), person.sign_in_id):
        raise NotOurForm("wrong_token", "That page is not up to date. Load it again, and try once more.")
    return person


def refused(request: Request, status: int, code: str, message: str) -> Response:
    """Words on a page where a browser goes there (ui/words.py has them for each code), JSON for everybody else."""
    if _is_navigation(request):
        where = "/?" + urlencode({"problem": code})
        return RedirectResponse(where, status_code=303, headers={"Cache-Control": "no-store"})
    return error(status, code, message)


def _same_origin(request: Request, public_url: str) -> bool:
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    here = origin_of(f"{request.url.scheme}://{request.headers.get('host', '')}")
    return origin_of(origin) in {public_url, here} - {""}


def _is_navigation(request: Request) -> bool:
    mode = request.headers.get("sec-fetch-mode")
    return mode == "navigate" if mode else "text/html" in request.headers.get("accept", "")


async def _token(request: Request) -> str:
    """Of a form as browsers send it (application/x-www-form-urlencoded); empty where there is none."""
    try:
        fields = parse_qs((await request.body()).decode(), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return ""
    return fields.get(FIELD, [""])[0]
