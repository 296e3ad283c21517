"""The page on which one chooses who one is: the sandbox's stand-in for Twitch's sign-in and consent."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from html import escape

from starlette.responses import HTMLResponse

from vip_manager.simulator.records import User

SCOPE_WORDS = {
    "channel:read:redemptions": "See your channel point rewards and their redemptions",
    "channel:manage:redemptions": "Make and change channel point rewards, and settle their redemptions",
    "channel:read:vips": "See who is VIP in your channel",
    "channel:manage:vips": "Give and take VIP in your channel",
    "moderation:read": "See who moderates your channel",
    "channel:manage:moderators": "Name and dismiss moderators of your channel",
    "user:read:moderated_channels": "See which channels you moderate",
    "user:read:email": "See your e-mail address",
    "user:read:chat": "Read chat as you",
    "user:write:chat": "Write in chat as you",
    "user:bot": "Appear in chat as a bot",
    "channel:bot": "Let a bot into your channel's chat",
    "moderator:manage:announcements": "Send announcements in channels you moderate",
}

_STYLE = """
:root{color-scheme:dark;--ink:#f4f2fa;--soft:#b9b4c9;--line:#3a3650;--card:#1d1a29;--accent:#a970ff}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;background:radial-gradient(60rem 40rem at 50% -10rem,#3b2470,#0f0d16 70%) #0f0d16;
color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:46rem;margin:0 auto;padding:clamp(1.25rem,5vw,3.5rem) 1.25rem 3rem}
.badge{display:inline-block;padding:.2rem .7rem;border:1px solid #ffd166;border-radius:99px;color:#ffd166;
font-size:.85rem;font-weight:600}
h1{font-size:clamp(1.5rem,5vw,2.1rem);line-height:1.2;margin:.9rem 0 .4rem}
h2{font-size:1.05rem;margin:0 0 .6rem}
p{margin:.3rem 0;color:var(--soft)}
section{margin-top:1.5rem;padding:1.1rem 1.25rem;background:var(--card);border:1px solid var(--line);border-radius:14px}
ul{margin:0;padding:0;list-style:none}
.asks li{padding:.2rem 0 .2rem 1.5rem;position:relative}
.asks li::before{content:"✓";position:absolute;left:0;color:var(--accent);font-weight:700}
.people{display:grid;grid-template-columns:repeat(auto-fill,minmax(14rem,1fr));gap:.6rem}
button{font:inherit;color:inherit;cursor:pointer;border-radius:10px;border:1px solid var(--line);background:#272338}
.person{width:100%;height:100%;min-height:4rem;
display:flex;gap:.75rem;align-items:center;padding:.6rem .75rem;text-align:left}
.person img{width:2.5rem;height:2.5rem;border-radius:50%;flex:none}
.person span{min-width:0;overflow-wrap:anywhere;line-height:1.3}
.person strong{display:block}
.person small{color:var(--soft)}
button:hover{border-color:var(--accent);background:#322b4d}
button:focus-visible{outline:3px solid #c9a6ff;outline-offset:2px}
.deny{margin-top:1.5rem;padding:.65rem 1.4rem;background:transparent}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# No form-action: browsers apply it to the redirect after the form as well, and that leads to the client's own address.
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src 'self' data:; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def choice_page(
    app_name: str, scopes: Sequence[str], people: Sequence[tuple[User, str]], fields: Mapping[str, str]
) -> HTMLResponse:
    """`people` with their roles in words; `fields` go back with the form unchanged."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name, quote=True)}" value="{escape(value, quote=True)}">'
        for name, value in fields.items()
    )
    asks = "".join(f"<li>{escape(SCOPE_WORDS.get(scope, scope))}</li>" for scope in scopes)
    wants = (
        f'<h2>{escape(app_name)} asks to</h2><ul class="asks">{asks}</ul>'
        if asks
        else f"<h2>{escape(app_name)} asks only who you are</h2><p>It may not see or change anything.</p>"
    )
    buttons = "".join(_button(user, role) for user, role in people)
    return _page(
        "Who are you?",
        f"<h1>Who are you today?</h1><p>This page stands in for Twitch in the sandbox. Nothing here reaches Twitch, "
        f"and no password is needed: choose somebody and carry on.</p><section>{wants}</section>"
        f'<form method="post" action="authorize">{hidden}<section><h2>Continue as</h2><ul class="people">{buttons}</ul>'
        f'</section><button class="deny" name="deny" value="1">Deny</button></form>',
    )


def refusal_page(title: str, words: str) -> HTMLResponse:
    return _page(
        title,
        f"<h1>{escape(title)}</h1><p>{escape(words)}</p>"
        "<p>This page stands in for Twitch in the sandbox; Twitch, too, sends nobody back from here.</p>",
        400,
    )


def _button(user: User, role: str) -> str:
    return (
        f'<li><button class="person" name="user" value="{escape(user.login, quote=True)}">'
        f'<img src="../avatars/{escape(user.id, quote=True)}.svg" alt="" width="40" height="40">'
        f"<span><strong>{escape(user.display_name)}</strong><small>{escape(role)}</small></span></button></li>"
    )


def _page(title: str, body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)} · Sandbox</title><link rel="icon" href="data:,"><style>{_STYLE}</style></head>'
        f'<body><main><span class="badge">Sandbox · not Twitch</span>{body}</main></body></html>',
        status,
        _HEADERS,
    )
