"""What a request was for, in few words: an address as it was typed could be anything, and hold a name or a secret."""

import inspect
import re

from starlette.types import Scope

from vip_manager import measures

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_PAGES = re.compile(r"/(?:board|overlay|dashboard|sandbox)(?=/|$)")
_LEAVES = re.compile(r"/(?:assets|public)/")


def measured(scope: Scope, path: str, status: int, seconds: float) -> str:
    """Counts a request that was answered, and says what for: its method, one of those that there are, and its route."""
    method = scope["method"] if scope["method"] in _METHODS else "OTHER"
    route = route_name(scope, path)
    asked = {"http_request_method": method, "http_route": route, "http_response_status_code": status}
    measures.http_duration.record(seconds, asked)
    return f"{method} {route}"


def route_name(scope: Scope, path: str) -> str:
    """After the request was answered, with what its route has left in the scope: `/api/board/{login}` for example,
    `/api` where there is no such route, the first part of a page's address, or `/` for all others."""
    if path == "/api" or path.startswith("/api/"):
        return _template(path, scope.get("path_params", {})) if inspect.isroutine(scope.get("endpoint")) else "/api"
    if path == "/metrics":
        return path
    if found := _LEAVES.match(path) or _PAGES.match(path):
        return found.group().rstrip("/")
    return "/"


def _template(path: str, params: dict[str, object]) -> str:
    parts = path.rstrip("/").split("/")
    names = {str(value): name for name, value in params.items()}
    return "/".join(f"{{{names[part]}}}" if part in names else part for part in parts)
