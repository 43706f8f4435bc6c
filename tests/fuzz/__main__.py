"""``python -m tests.fuzz [seconds] [--seed N] [--target NAME]``: fuzz all readers, or one, for so long."""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from pathlib import Path

from tests.fuzz.fuzzing import fuzz
from tests.fuzz.targets import TARGETS


def main() -> int:
    """Fuzz; 1 if the invariant was broken, with the inputs written to files."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--target")
    options = parser.parse_args()
    chosen = [one for one in TARGETS if options.target in (None, one.name)]
    if not chosen:
        parser.error(f"there is no target {options.target}")
    broken = 0
    for target in chosen:
        result = fuzz(target, options.seed, seconds=options.seconds / len(chosen))
        rules = ", ".join(f"{name} {count}" for name, count in result.outcomes.most_common(8))
        print(
            f"{target.name}: {result.count} inputs, slowest {1000 * result.slowest:.0f} ms; {rules}",
            flush=True,
        )
        seen: set[str] = set()
        for raw, what in result.findings:
            if what[-200:] in seen:
                continue
            seen.add(what[-200:])
            name = f"{target.name}-{hashlib.sha256(raw).hexdigest()[:12]}.fuzz"
            path = Path(tempfile.gettempdir()) / name
            path.write_bytes(raw)
            print(f"  {path}: {what}")
        broken += len(result.findings)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
