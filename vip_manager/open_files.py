"""How many files and connections this process may have open at once: as many as the system lets it, and sockets of
pages never all of them.

Where that number is used up nobody is let in any more, Twitch's webhook and the scheduler neither.
"""

import importlib.util
from typing import Any

import structlog

# Where there is no such limit, there is no such module.
resource: Any = importlib.import_module("resource") if importlib.util.find_spec("resource") else None
log = structlog.get_logger(__name__)

ENOUGH = 2**20
"""Some systems say that there is no limit, and mean less than that."""
MOST_ON_MACOS = 10_240
"""OPEN_MAX of its `sys/syslimits.h`: beyond it `setrlimit` refuses what `getrlimit` offers."""
FEWEST = 10


def allowed() -> int:
    if resource is None:
        return ENOUGH
    soft: int = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return ENOUGH if soft == resource.RLIM_INFINITY else min(soft, ENOUGH)


def allow_all() -> None:
    """Shells give a program 256 or 1024 to begin with, and leave it to ask for more."""
    if resource is None:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    for wanted in (most, min(most, MOST_ON_MACOS)):
        if wanted <= allowed():
            return
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (ValueError, OSError):
            continue
        return


def sockets(wanted: int) -> int:
    """So many of the pages' sockets may be open: a quarter of all files is left for everything else."""
    room = max(FEWEST, allowed() * 3 // 4)
    if room >= wanted:
        return wanted
    log.warning("fewer sockets than MAX_SOCKETS: the system lets us open no more files", sockets=room)
    return room


def of_address(wanted: int) -> int:
    """So many connections may be open from one address: of several such, none takes all there is."""
    return min(wanted, max(FEWEST, allowed() // 4))
