"""What npm brings for the tests: what formats and checks the scripts, a viewer that shows tiles.

``python -m tests.npm check`` looks at the scripts, and for what the lowest browsers lack of it;
``python -m tests.npm check --write`` formats them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from filelock import FileLock

SETTINGS = Path(__file__).with_name("scripts")
SCRIPTS = Path(__file__).parents[1] / "nbimage" / "page" / "js"
BUILD = Path(__file__).parents[1] / "build" / "scripts"


def program(name: str) -> str:
    """Return the path of node or npm, which are the machine's own."""
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} must be on the path: install node 20 or newer with npm")
    return found


def node(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run node; what it prints is text."""
    return subprocess.run([program("node"), *map(str, arguments)], text=True, **options)


def packages() -> Path:
    """Return the folder of the packages; what was brought before is used again if it is the same.

    One process brings them, the others wait for it.
    """
    BUILD.mkdir(parents=True, exist_ok=True)
    with FileLock(BUILD.parent / "scripts.lock"):
        wanted = (SETTINGS / "package-lock.json").read_bytes()
        kept = BUILD / "package-lock.json"
        done = BUILD / "node_modules" / ".package-lock.json"  # what npm writes last
        if not (done.exists() and kept.exists() and kept.read_bytes() == wanted):
            for name in ("package.json", "package-lock.json"):
                shutil.copy(SETTINGS / name, BUILD)
            npm = [program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(npm, cwd=BUILD, check=True)
    return BUILD / "node_modules"


def biome(command: str, *options: str) -> int:
    """Run what formats and lints the scripts; return 0 if all is well."""
    script = packages() / "@biomejs" / "biome" / "bin" / "biome"
    return node(script, command, f"--config-path={SETTINGS}", *options, SCRIPTS).returncode


def lowest(*files: Path) -> tuple[int, str]:
    """Look for what the lowest browsers lack; return 0 if there is nothing, and what is printed.

    Of a TypeScript project in its scripts, else in style sheets.
    """
    found = node(SETTINGS / "lowest.mjs", packages(), *files, capture_output=True)
    return found.returncode, found.stdout + found.stderr


if __name__ == "__main__":
    wrong = biome(*sys.argv[1:])
    if "check" in sys.argv:
        lacking, text = lowest(SETTINGS / "tsconfig.json")
        print(text, end="")
        wrong = wrong or lacking
    sys.exit(wrong)
