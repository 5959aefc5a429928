"""Try some formats for a while, and print all that is found, a kind of fault once."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from tests.proof.readers import describe
from tests.proof.readers.others import OTHERS
from tests.proof.readers.seeds import FORMATS
from tests.proof.readers.watch import watch


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.proof.readers", description=__doc__)
    parser.add_argument("forms", nargs="*", metavar="format", help=", ".join((*FORMATS, *OTHERS)))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--keep", type=Path, help="a folder for the files of faults")
    parser.add_argument("--lines", type=int, default=0, help="print the most common lines of error")
    asked = parser.parse_args()
    options = ("--keep", str(asked.keep.absolute())) if asked.keep else ()
    for form in asked.forms or [*FORMATS, *OTHERS]:
        found = watch(form, asked.seconds, *options, stop=False)
        kinds = Counter(fault["key"] for fault in found.faults)
        print(
            f"## {form}: {found.tried:,} tried, {found.refused:,} refused, {len(found.faults)} "
            f"faults of {len(kinds)} kinds, {found.peak >> 20} MiB, {found.slowest:.1f} s",
            flush=True,
        )
        for key, count in kinds.most_common():
            fault = next(one for one in found.faults if one["key"] == key)
            print(f"\n{count} x {key}\n{describe(form, fault)}", flush=True)
        for line, count in found.lines.most_common(asked.lines):
            print(f"{count:6} {line}")


if __name__ == "__main__":
    main()
