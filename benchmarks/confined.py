"""The product on one core, with so much memory and no more."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.product import Product

MIB = 2**20
_V1, _V2 = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
_INTO = 'echo $$ > "$0" && exec "$@"'


class Confined(Product):
    """`how` says by what it is held within `memory` bytes."""

    def __init__(
        self, directory: Path, environment: Mapping[str, str], port: int, *, core: int, memory: int, group: Path | None
    ) -> None:
        super().__init__(directory, environment, port, cold=True)
        self.how = "a cgroup" if group else "RLIMIT_DATA"
        limit = ["sh", "-c", _INTO, f"{group}/cgroup.procs"] if group else ["prlimit", f"--data={memory}"]
        self.command = [*limit, "taskset", "-c", str(core), *self.command]

    @property
    def most_memory(self) -> float:
        """The most that was resident at once, in MB (proc(5): VmHWM)."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024 / 1e6


@contextmanager
def memory_group(most: int) -> Iterator[Path | None]:
    """A control group with so many bytes, files' pages included; None where we may make none."""
    group = None
    for root, limit in ((_V1, "memory.limit_in_bytes"), (_V2, "memory.max")):
        try:
            made = root / f"vip-manager-{os.getpid()}"
            made.mkdir()
            group = made
            (group / limit).write_text(str(most))
            break
        except OSError:
            if group is not None:
                group.rmdir()
            group = None
    try:
        yield group
    finally:
        if group is not None:
            group.rmdir()
