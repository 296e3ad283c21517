"""What a browser does on the page where one signs in: reads its form, sends it with a choice, follows on."""

from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx


def sign_in(url: str, login: str) -> httpx.Response:
    """Chooses `login` on the page that `url` leads to; the answer is that of whoever the user is sent back to."""
    return _send(url, "user", login)


def deny(url: str) -> str:
    """Presses Deny; the address to which Twitch sends the user then."""
    return str(_send(url, "deny", "1", follow=False).headers["location"])


def _send(url: str, name: str, value: str, *, follow: bool = True) -> httpx.Response:
    with httpx.Client(trust_env=False, timeout=10, follow_redirects=True) as client:
        page = client.get(url)
        assert page.status_code == 200, page.text
        form = _Form(page.text)
        assert (name, value) in form.buttons, f"no button {name}={value}"
        return client.post(
            urljoin(str(page.url), form.action), data={**form.hidden, name: value}, follow_redirects=follow
        )


class _Form(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.hidden: dict[str, str] = {}
        self.buttons: set[tuple[str, str]] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            assert given["method"].lower() == "post"
            self.action = given["action"]
        elif tag == "input" and given.get("type") == "hidden":
            self.hidden[given["name"]] = given["value"]
        elif tag == "button" and "name" in given:
            self.buttons.add((given["name"], given["value"]))
