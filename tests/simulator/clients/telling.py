"""A library's end of the talk with a test: one JSON object a line, wishes on stdin, what came of them on stdout."""

import asyncio
import json
import sys
import traceback
from typing import Any


def tell(**what: Any) -> None:
    # One write, for libraries call back from threads of their own.
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def serve_wishes(client: object) -> None:
    """Each wish names a method of `client` and its arguments; ends where the test closes stdin."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        wish = json.loads(line)
        try:
            answer = await getattr(client, wish.pop("do"))(**wish)
        except Exception as error:
            traceback.print_exc()
            tell(refused=type(error).__name__, status=getattr(error, "status", None), says=str(error))
        else:
            tell(answer=answer)
