"""A picture for everybody, drawn on the spot."""

from html import escape

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from vip_manager.simulator.records import User
from vip_manager.simulator.simulation import simulation


async def avatar(request: Request) -> Response:
    user = simulation(request).world.users.get(request.path_params["user_id"])
    if user is None:
        return PlainTextResponse("no such user", 404)
    headers = {"Cache-Control": "public, max-age=3600", "Content-Security-Policy": "default-src 'none'"}
    return Response(draw(user), media_type="image/svg+xml", headers=headers)


def draw(user: User) -> str:
    colour = escape(user.colour, quote=True)
    initial = escape(user.display_name[:1].upper() or "?")
    last = user.login[-1:]
    number = f'<text x="248" y="262" font-size="72" text-anchor="end" opacity=".75">{last}</text>'
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 300" width="300" height="300" role="img" '
        f'aria-label="{escape(user.display_name, quote=True)}">'
        '<defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1">'
        f'<stop offset="0" stop-color="{colour}"/>'
        f'<stop offset="1" stop-color="{colour}" stop-opacity=".55"/></linearGradient></defs>'
        '<rect width="300" height="300" fill="#17171f"/><rect width="300" height="300" fill="url(#g)"/>'
        '<circle cx="240" cy="56" r="110" fill="#fff" opacity=".08"/>'
        '<g fill="#fff" font-family="system-ui, sans-serif" font-weight="700">'
        f'<text x="150" y="150" font-size="150" text-anchor="middle" dominant-baseline="central">{initial}</text>'
        f"{number if last.isdecimal() else ''}</g></svg>"
    )
