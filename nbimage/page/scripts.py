"""The page's scripts: ES modules and all that they import, joined into one text.

Each module keeps a scope of its own, so that equal private names don't clash, and stands after
those that it imports. What is shipped can still be read: only comments, indentation and the words
``import`` and ``export`` are gone.
"""

from __future__ import annotations

import functools
import posixpath
import re
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).with_name("js")
# compiled where they are used: a picture that is saved as PNG needs no script
_BLOCK = r"(?s)/\*.*?\*/ ?"
_IMPORT = r'import (?:\{(.*)\} from )?"([^"]+)";'
_EXPORT = r"export (?:async )?(?:const|class|function\*?) (\w+)"
_WRAPPED = r",?\n(?=[)\]])|(?<=[(\[,])\n"
_STRING = r'("(?:[^"\\]|\\.)*")'
_SPACED = (  # no two signs come together that mean something else then, such as a - -b
    r" ([=!<>&|?:*%]+|[+-]=) (?=\S|$)| ([+-]) (?=[^\s+-])"
    r"|(?<=[,;:]) (?=\S|$)|(?<=\)) (?=\{)|(?<=\{) (?=\S|$)|(?<=\S) (?=\})"
)
_UNFINISHED = (";", "{", "(", "[", ",", "=", "=>", "?", "&&", "||")  # how a line may end
_GOING_ON = ("}", ")", "]", ".", "?", ":", "&&", "||")  # and begin, so that no statement ends there
_UNPACK = """\
(async () => {
const name = "%s";
const known = globalThis.nbimageViews?.scripts[name];
if (known) return known();
const text = "%s", digits = "%s", bytes = new Uint8Array(4 * Math.ceil(text.length / 5));
for (let i = 0; i < bytes.length; i += 4) {
let word = 0;
for (let j = 0; j < 5; j++) word = word * 85 + digits.indexOf(text[i / 4 * 5 + j] ?? "~");
new DataView(bytes.buffer).setUint32(i, word);
}
const whole = bytes.subarray(0, Math.floor(text.length * 4 / 5));
const unpacked = new Blob([whole]).stream().pipeThrough(new DecompressionStream("deflate"));
const script = document.createElement("script");
script.dataset.name = name;
script.textContent = await new Response(unpacked).text();
document.head.append(script);
script.remove();
})()"""
_RFC1924 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
_HARMLESS = str.maketrans("&<>", "/,.")  # in a script element


@functools.cache
def script(*entries: str) -> str:
    """Return modules such as ``"view/loaders/served"`` as one script, which runs at once."""
    return f'(() => {{\n"use strict";\n{_join(*entries)}\n}})()'


@functools.cache
def compact_script(*entries: str) -> str:
    """Return `script` of these modules without spaces around operators: what is packed, and run."""
    return _tighten(script(*entries))


@functools.cache
def packed_script(*entries: str) -> str:
    """Return a script that unpacks `compact_script` and runs it: under half of its size.

    What an update finds already unpacked runs at once: nothing else is seen in between.
    """
    import base64
    import zlib

    text = compact_script(*entries).encode("utf-8")
    packed = base64.b85encode(zlib.compress(text, 9)).decode("ascii").translate(_HARMLESS)
    return _UNPACK % (f"{zlib.crc32(text):08x}", packed, _RFC1924.translate(_HARMLESS))


def _tighten(text: str) -> str:
    """Return a script without the spaces that the formatter puts around operators and brackets.

    Lines of templates and those that may hold a regular expression stay as they are. Others that
    end within a statement, or with its semicolon, are joined with the next.
    """
    lines: list[str] = []
    template = joins = False
    for line in text.split("\n"):
        inside = template
        code = re.sub(_STRING, "", line)
        if not (template or "`" in code or "'" in code or re.search(r"/[^ ]", code)):
            parts = re.split(_STRING, line)  # strings are the odd ones
            parts[::2] = [re.sub(_SPACED, r"\1\2", part) for part in parts[::2]]
            line = "".join(parts)
        template ^= code.count("`") % 2 == 1
        if joins or (lines and line.startswith(_GOING_ON) and not inside):
            lines[-1] = lines[-1].rstrip() + line
        else:
            lines.append(line)
        joins = not template and line.endswith(_UNFINISHED)
    return "\n".join(lines)


@functools.cache
def module_script(entry: str) -> str:
    """Return a module as one ES module that imports nothing and has the same default export."""
    return f"{_join(entry)}\nexport default {_name(entry)}.default;\n"


def module_order(*entries: str) -> tuple[str, ...]:
    """Return modules and all that they import, each after those that it imports itself."""
    done: dict[str, None] = {}

    def visit(module: str, path: tuple[str, ...]) -> None:
        if module in path:
            raise ValueError(f"modules import each other: {' → '.join((*path, module))}")
        if module not in done:
            for imported in imports(module):
                visit(imported, (*path, module))
            done[module] = None

    for entry in entries:
        visit(entry, ())
    return tuple(done)


def imports(module: str) -> tuple[str, ...]:
    """Return the modules that a module imports, in the order of its ``import`` statements."""
    return _parse(module).imports


class _Module(NamedTuple):
    imports: tuple[str, ...]
    exports: tuple[str, ...]
    lines: tuple[str, ...]
    """Without comments, indentation, and the words ``import`` and ``export``."""


@functools.cache
def _parse(module: str) -> _Module:
    """Read a module, one statement of ``import`` or ``export`` after the other."""
    text = re.sub(_BLOCK, "", FOLDER.joinpath(f"{module}.js").read_text("utf-8"))
    imported, exports, lines = [], [], []
    pending = ""  # an import that goes on in the next line
    for line in map(str.strip, text.splitlines()):
        code = f"{pending} {line}" if pending else _without_comment(line)
        if code.startswith("import "):
            pending = "" if code.endswith(";") else code
            found = re.fullmatch(_IMPORT, code)
            if found is None:
                continue
            imported.append(_resolve(module, found[2]))
            if found[1]:
                names = " ".join(found[1].replace(" as ", ": ").split()).rstrip(",")
                lines.append(f"const {{ {names} }} = {_name(imported[-1])};")
        elif code.startswith("export default "):
            exports.append(f"default: {code[len('export default ') : -1]}")
        elif found := re.match(_EXPORT, code):
            exports.append(found[1])
            lines.append(code[len("export ") :])
        elif code:
            lines.append(code)
    joined = re.sub(_WRAPPED, "", "\n".join(lines))  # what the formatter has wrapped
    return _Module(tuple(imported), tuple(exports), tuple(joined.splitlines()))


def _without_comment(line: str) -> str:
    return "" if line.startswith("// ") else line.partition(" // ")[0].rstrip()


def _resolve(module: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(module), path)).removesuffix(".js")


def _name(module: str) -> str:
    return "$" + module.replace("/", "_")


def _join(*entries: str) -> str:
    return "\n".join(_scoped(module) for module in module_order(*entries))


def _scoped(module: str) -> str:
    """Return a module as a function that is called at once and returns the module's exports."""
    _, exports, lines = _parse(module)
    if not exports:
        return "\n".join(("(() => {", *lines, "})();"))
    values = f"return {{ {', '.join(exports)} }};"
    return "\n".join((f"const {_name(module)} = (() => {{", *lines, values, "})();"))
