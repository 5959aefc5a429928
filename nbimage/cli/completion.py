"""``nbimage completion SHELL``: a script that completes verbs, options and their values on Tab.

The script is made of the parsers themselves and needs no package, and no Python at each Tab.
"""

from __future__ import annotations

import argparse
import re
from typing import Any

from nbimage.base.notebook import print_line
from nbimage.cli.parser import Parser, takes_value

_VALUES = {
    "--contrast": ("minmax", "infer", "robust", "zscale"),
    "--norm": ("linear", "log", "sqrt", "asinh", "symlog"),
    "--layout": ("dz", "iiif3", "google", "zoomify"),
    "--format": ("png", "jpeg", "webp", "avif"),
    "--counter": ("ul", "ur", "ll", "lr"),
}
"""What an option takes beside what nobody can list."""


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser: Parser = verbs.add_parser(
        "completion",
        help="print a script by which a shell completes this command",
        description="Print a script that completes verbs, options and values. In ~/.bashrc: "
        'source <(nbimage completion bash). In ~/.zshrc, after "autoload -Uz compinit; compinit": '
        "source <(nbimage completion zsh). Of fish: "
        "nbimage completion fish > ~/.config/fish/completions/nbimage.fish",
    )
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="bash, zsh or fish")
    parser.set_defaults(run=lambda arguments: _run(verbs, arguments))


def _run(verbs: Any, arguments: argparse.Namespace) -> None:
    known: dict[str, Parser] = dict(verbs.choices)
    print_line({"bash": _bash, "zsh": _zsh, "fish": _fish}[arguments.shell](known).rstrip())


def list_options(parser: Parser) -> list[tuple[tuple[str, ...], dict[str, Any]]]:
    """Return the options of a parser that begin with a dash."""
    return [(names, about) for names, about in parser.options.items() if names[0].startswith("-")]


def _help(about: dict[str, Any]) -> str:
    """Return the first words of an option's help, which no shell takes for anything else."""
    text = re.split(r"[:;(]", about.get("help") or "", maxsplit=1)[0]
    return re.sub(r"[^\w ,./*+=-]", "", text).strip()


def _words(parser: Parser) -> list[str]:
    """Return what an argument without a dash may be, where that is known."""
    found = [about.get("choices") for names, about in parser.options.items() if names[0][0] != "-"]
    return [str(word) for words in found if words for word in words]


def _bash(verbs: dict[str, Parser]) -> str:
    cases, values = [], []
    for verb, parser in verbs.items():
        names = " ".join(name for names, _ in list_options(parser) for name in names)
        words = " ".join(_words(parser))
        cases.append(f"    {verb}) options='{names}'; words='{words}' ;;")
    for name, known in _VALUES.items():
        values.append(f"    {name}) words='{' '.join(known)}'; value=1 ;;")
    after = sorted(
        {
            name
            for parser in verbs.values()
            for names, about in list_options(parser)
            if takes_value(about) and about.get("nargs") != "?"
            for name in names
        }
        - set(_VALUES)
    )
    lines = "\n".join(cases), "\n".join(values), "|".join(after)
    return f"""\
# Completion of nbimage in bash, made by: nbimage completion bash
_nbimage() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
  local verb='' options='--help --version --verbose' words='{" ".join(verbs)}' value='' word
  COMPREPLY=()
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    [[ $word == -* ]] || {{ verb=$word; break; }}
  done
  case $verb in
{lines[0]}
  esac
  if [[ $before == '=' ]]; then before=${{COMP_WORDS[COMP_CWORD-2]}}; fi
  if [[ $current == '=' ]]; then before=${{COMP_WORDS[COMP_CWORD-1]}}; current=''; fi
  case $before in
{lines[1]}
    {lines[2]}) return ;;
  esac
  [[ -z $value && $current == -* ]] && words=$options
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _nbimage nbimage
"""


def _zsh(verbs: dict[str, Parser]) -> str:
    cases = []
    for verb, parser in verbs.items():
        lines = []
        for names, about in list_options(parser):
            for name in names:
                value = ""
                if takes_value(about):
                    known = " ".join(_VALUES.get(name, ()))
                    mark = "::" if about.get("nargs") == "?" else ":"
                    value = f"{mark}value:({known})" if known else f"{mark}value:_files"
                equals = "=" if value and name.startswith("--") else ""
                lines.append(f"'*{name}{equals}[{_help(about)}]{value}'")
        words = " ".join(_words(parser))
        lines.append(f"'*:file:({words})'" if words else "'*:file:_files'")
        cases.append(f"    {verb}) _arguments {' '.join(lines)} ;;")
    listed = " ".join(f"'{verb}:{parser_help(parser)}'" for verb, parser in verbs.items())
    lines_of_cases = "\n".join(cases)
    return f"""\
#compdef nbimage
# Completion of nbimage in zsh, made by: nbimage completion zsh
_nbimage() {{
  local -a verbs=({listed})
  local verb=''
  local -i i
  for (( i = 2; i < CURRENT; i++ )); do
    if [[ $words[i] != -* ]]; then verb=$words[i]; break; fi
  done
  if [[ -z $verb ]]; then
    if [[ $words[CURRENT] == -* ]]; then compadd -- --help --version --verbose
    else _describe verb verbs; fi
    return
  fi
  shift $(( i - 1 )) words
  (( CURRENT -= i - 1 ))
  case $verb in
{lines_of_cases}
  esac
}}
if [[ $funcstack[1] == _nbimage ]]; then _nbimage "$@"; else compdef _nbimage nbimage; fi
"""


def _fish(verbs: dict[str, Parser]) -> str:
    none = f"not __fish_seen_subcommand_from {' '.join(verbs)}"
    lines = ["# Completion of nbimage in fish, made by: nbimage completion fish"]
    for name in ("help", "version", "verbose"):
        lines.append(f"complete -c nbimage -n '{none}' -l {name}")
    for verb, parser in verbs.items():
        within = f"__fish_seen_subcommand_from {verb}"
        lines.append(f"complete -c nbimage -f -n '{none}' -a {verb} -d '{parser_help(parser)}'")
        for names, about in list_options(parser):
            flags = " ".join(
                f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in names
            )
            known = " ".join(word for name in names for word in _VALUES.get(name, ()))
            value = " -r" if takes_value(about) and about.get("nargs") != "?" else ""
            value += f" -f -a '{known}'" if known else ""
            lines.append(f"complete -c nbimage -n '{within}' {flags}{value} -d '{_help(about)}'")
        if _words(parser):
            words = " ".join(_words(parser))
            lines.append(f"complete -c nbimage -f -n '{within}' -a '{words}'")
    return "\n".join(lines) + "\n"


def parser_help(parser: Parser) -> str:
    """Return the first sentence of what a verb does."""
    return _help({"help": re.split(r"\. ", parser.description or "", maxsplit=1)[0]})
