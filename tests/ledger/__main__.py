"""`python -m tests.ledger --examples 2000 [--seed N]`: the night's run. Ends with 1 where something was found.

With `--without NAME` one guard of the program is taken out, and something must be found.
"""

import argparse
import random
import time
import traceback
from contextlib import nullcontext

import pytest

from tests.ledger.choices import Choices
from tests.ledger.guards import GUARDS, without
from tests.ledger.instances import Instances
from tests.ledger.run import STEPS, run


def main() -> int:
    guards = "\n".join(f"  {name:20} {guard.means}" for name, guard in GUARDS.items())
    arguments = argparse.ArgumentParser(
        prog="python -m tests.ledger",
        description=__doc__,
        epilog=f"guards, and what the program does without them:\n{guards}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    arguments.add_argument("--examples", type=int, default=2000, help="how many lives (2000)")
    arguments.add_argument("--steps", type=int, default=STEPS, help=f"how long a life is at most ({STEPS})")
    arguments.add_argument("--seed", type=int, default=random.randrange(2**32), help="the same again")
    arguments.add_argument("--firestore", action="store_true", help="two instances on one Firestore database")
    arguments.add_argument("--no-shrink", action="store_true", help="show what was found as it was found")
    arguments.add_argument("--without", choices=GUARDS, metavar="GUARD", help="take one guard out, by its name below")
    asked = arguments.parse_args()
    print(f"seed {asked.seed}, {asked.examples} lives of up to {asked.steps} steps", flush=True)
    began = time.monotonic()
    try:
        with without(asked.without) if asked.without else nullcontext():
            lives = Instances if asked.firestore else Choices
            run(asked.seed, asked.examples, asked.steps, shrink=not asked.no_shrink, lives=lives)
    except pytest.skip.Exception as missing:
        print(missing)
        return 1
    except Exception:
        traceback.print_exc()
        where = "--firestore " if asked.firestore else ""
        print(f"found with {where}--seed {asked.seed} --examples {asked.examples} --steps {asked.steps}")
        return 1
    print(f"nothing found in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
