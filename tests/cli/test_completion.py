"""`nbimage completion SHELL`: what bash, zsh and fish complete, asked of these themselves."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from nbimage.cli.main import main

CASES = [
    ("nbimage conv", "convert"),
    ("nbimage comple", "completion"),
    ("nbimage completion fi", "fish"),
    ("nbimage convert in.npy --compr", "--compression"),
    ("nbimage zarr --shard", "--shard-size"),
    ("nbimage -v convert --norm asi", "asinh"),
    ("nbimage dzi --layout zoo", "zoomify"),
    ("nbimage info pic", "picture.npy"),
]
"""What is typed, and the one word that its last one becomes."""


@pytest.fixture
def folder(tmp_path: Path, capsys: Any) -> Path:
    """A folder with the scripts of all shells, and one file."""
    for shell in ("bash", "zsh", "fish"):
        assert main(["completion", shell]) == 0
        (tmp_path / f"script.{shell}").write_text(capsys.readouterr().out)
    (tmp_path / "picture.npy").touch()
    return tmp_path


@pytest.mark.parametrize(("typed", "word"), CASES)
def test_bash_completes(folder: Path, typed: str, word: str) -> None:
    code = f"""
    source script.bash
    COMP_WORDS=({typed}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
    _nbimage
    [[ ${{#COMPREPLY[@]}} -gt 0 ]] || COMPREPLY=($(compgen -f -- "${{COMP_WORDS[COMP_CWORD]}}"))
    printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    command = ["bash", "--norc", "-u", "-c", code]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr) == ([word], "")


def test_bash_says_that_other_words_are_files(folder: Path) -> None:
    code = "source script.bash; complete -p nbimage"
    command = ["bash", "--norc", "-c", code]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout == "complete -o default -F _nbimage nbimage\n"


@pytest.mark.parametrize(("typed", "word"), CASES)
def test_fish_completes(folder: Path, typed: str, word: str) -> None:
    code = f"source script.fish; complete -C '{typed}'"
    command = ["fish", "--no-config", "-c", code]
    home = {"HOME": str(folder), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        command, cwd=folder, env=home, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == [word]


@pytest.mark.parametrize(("typed", "word"), CASES)
def test_zsh_completes_on_tab(folder: Path, typed: str, word: str) -> None:
    """By a terminal: zsh completes nowhere else."""
    wanted = f"{typed.rpartition(' ')[0]} {word}"
    lines = (
        "PS1='ready '; PROMPT_EOL_MARK=''; autoload -Uz compinit; compinit -u -D; "
        "source script.zsh; zle -N say; "
        "say() { print -r -- \"<<$BUFFER>>\"; BUFFER=''; zle .accept-line }; "
        "bindkey '^X' say; bindkey '^I' complete-word; print -r -- set''tled\r"
    )
    shell, terminal = pty.openpty()
    environment = {"HOME": str(folder), "PATH": os.environ["PATH"], "TERM": "dumb", "LANG": "C"}
    zsh = shutil.which("zsh")
    assert zsh is not None
    process = subprocess.Popen(
        [zsh, "-f", "-i"],
        cwd=folder, env=environment, stdin=terminal, stdout=terminal, stderr=terminal,
        start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    try:
        os.write(shell, lines.encode())
        read_until(shell, "settled")
        os.write(shell, f"{typed}\t\x18".encode())
        said = read_until(shell, ">>")
    finally:
        process.kill()
        process.wait()
        os.close(shell)
    found = said.rpartition("<<")[2].partition(">>")[0].strip()
    assert found.removesuffix("=") == wanted  # the sign goes where a space is typed


def read_until(terminal: int, text: str) -> str:
    """Return what a terminal prints until some text has come."""
    found = ""
    while text not in found:
        ready, _, _ = select.select([terminal], [], [], 120)
        assert ready, f"nothing more after {found!r}"
        found += os.read(terminal, 4096).decode(errors="replace")
    return found


def test_a_shell_that_is_not_known_is_refused(capsys: Any) -> None:
    with pytest.raises(SystemExit) as end:
        main(["completion", "tcsh"])
    assert end.value.code == 2
    assert "tcsh" in capsys.readouterr().err
