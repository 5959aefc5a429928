"""The page's scripts: ES modules and all that they import, joined into one text.

Each module stands after those that it imports, in the scope of all; one with a name that another
has too keeps a scope of its own. What is shipped can still be read: only comments, indentation,
imports, the word ``export`` and the spaces of styles are gone.
"""

from __future__ import annotations

import functools
import posixpath
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).with_name("js")
# compiled where they are used: a picture that is saved as PNG needs no script
_BLOCK = r"(?s)/\*.*?\*/ ?"
_IMPORT = r'import (?:\{.*\} from )?"([^"]+)";'
_WRAPPED = r",?\n(?=[)\]])|(?<=[(\[,])\n"
_STYLE = r"STYLE\w* = `[^`]*`"  # CSS
_STYLE_SPACE = r"\s*([{};,>!])\s*|(?<=:)\s+"
_DECLARED = r"(?:async )?(?:const|let|var|class|function\*?) (\w+)"
_TEXT = r"""\"(?:[^"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"""
_PATTERN = r"/(?! )(?:[^/\\\[\n]|\\.|\[(?:[^\]\\]|\\.)*\])+/"  # divisions stand between spaces
_NESTED = 4  # templates and braces within a template
_SPACE = (  # between two signs, or a sign and a word, that mean the same without
    r"\s+(?![\w$#+-])|(?<![\w$#+-])\s+|(?<=[\w$#])\s+(?=[+-])|(?<=[+-])\s+(?=[\w$#])"
)
_RUN = """\
(%s()=>{const name="%s",old=globalThis.nbimageViews?.scripts[name];
if(old)return old();const text = "%s";
%s
const el=document.createElement("script");el.dataset.name=name;el.textContent=code;
document.head.append(el);el.remove()})()"""
_INFLATE = """\
const abc="%s",data=new DataView(new ArrayBuffer(text.length));
for(let i=0,sum;i<text.length;i+=5){sum=0;for(let j=i;j<i+5;)sum=sum*85+abc.indexOf(text[j++]??"~");
data.setUint32(i/5*4,sum)}
const all=(await new Response(new Blob([data.buffer.slice(0,text.length*4/5)]).stream()
.pipeThrough(new DecompressionStream("deflate"))).text()).split("\\t"),
code=all.pop().replace(/[\\x01-\\x08\\x0e-\\x1f]/g,(one)=>all[one.charCodeAt()]);"""
_PACKED = r'const text = "([^"]+)"'
_LARGE = 1 << 15  # letters of a script from which on bzip2 saves more than its decoder takes
_RFC1924 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
_HARMLESS = str.maketrans("&<>", "/,.")  # in a script element
# What explorers say most, each as one sign, is a twentieth less to pack.
_WORDS = (
    *("const", "return", "value", "length", "width", "this", "height", "Math", "text", "name"),
    *("function ", "subject", "channel", "image", "if(", "explorer", ".map(", "display", "one"),
    *("color", "shape", "plane", "count", "size", "from", "config"),
)
_SIGNS = [chr(code) for code in (*range(1, 9), *range(14, 32))]  # no script has them
_own: set[str] = set()  # scripts of this package, of which a page may hold some


@functools.cache
def script(*entries: str) -> str:
    """Return modules such as ``"view/loaders/served"`` as one script, which runs at once."""
    return _keep(f'(() => {{\n"use strict";\n{_join(*entries)}\n}})()')


@functools.cache
def compact_script(*entries: str) -> str:
    """Return `script` of these modules without spaces around operators: what is packed, and run."""
    return _keep(_tighten(script(*entries)))


@functools.cache
def packed_script(*entries: str) -> str:
    """Return a script that unpacks `compact_script` and runs it: under half of its size.

    A large one is packed by bzip2, and runs synchronously: nothing is drawn in between. Small ones
    are deflated, and all of them by a Python that was built without bzip2. What a page has
    unpacked and knows by its name runs again without that.
    """
    import base64
    import zlib

    plain = compact_script(*entries)
    way, data = "", _compress_by_bzip2(plain)
    unpacking = f"{_tighten(_join('unpack'))}\nconst code=unpack(text);"
    if data is None:
        way, data, unpacking = "async", _deflate(plain), _INFLATE % _RFC1924.translate(_HARMLESS)
    packed = base64.b85encode(data).decode("ascii").translate(_HARMLESS)
    name = f"{zlib.crc32(plain.encode('utf-8')):08x}"
    return _keep(_RUN % (way, name, packed, unpacking))


def _keep(text: str) -> str:
    _own.add(text)
    return text


def is_own_script(text: str) -> bool:
    """Return whether a page's script is one of this package's, and not what came as data."""
    return text in _own


def _compress_by_bzip2(plain: str) -> bytes | None:
    """Return a large script as `js/unpack` takes it; None of a small one."""
    try:
        import bz2
    except ImportError:
        return None
    return bz2.compress(plain.encode("utf-8")[::-1]) if len(plain) > _LARGE else None


def _deflate(plain: str) -> bytes:
    import zlib

    text = plain
    words = [""] * 32
    for word, sign in zip(_WORDS, _SIGNS, strict=True):
        text = text.replace(word, sign)
        words[ord(sign)] = word
    packing = zlib.compressobj(9, memLevel=9)
    return packing.compress("\t".join((*words, text)).encode("utf-8")) + packing.flush()


def is_packed(text: str) -> bool:
    """Return whether a script unpacks another one."""
    return re.search(_PACKED, text) is not None


def unpack_script(packed: str) -> str:
    """Return the `compact_script` that a `packed_script` runs."""
    import base64
    import zlib

    found = re.findall(_PACKED, packed)[0]
    written = found.translate({after: before for before, after in _HARMLESS.items()})
    data = base64.b85decode(written)
    if packed.startswith("(()"):
        import bz2

        return bz2.decompress(data)[::-1].decode("utf-8")
    *words, text = zlib.decompress(data).decode("utf-8").split("\t")
    return re.sub(f"[{''.join(_SIGNS)}]", lambda sign: words[ord(sign[0])], text)


def _tighten(text: str) -> str:
    """Return a formatted script without the spaces between signs and words.

    Strings, templates and regular expressions stay as they are. Each statement of it ends with a
    semicolon or a brace, so that lines need no ends; before a brace it needs no semicolon.
    """
    code = r"[^`{}\"']"
    template = r"`(?:[^`\\$]|\\.|\$(?!\{))*`"
    for _ in range(_NESTED):
        inside = rf"\{{(?:{_TEXT}|{template}|{code})*\}}"
        template = rf"`(?:[^`\\$]|\\.|\$(?!\{{)|\${inside})*`"
        code = rf"[^`{{}}\"']|{inside}"
    parts = re.split(rf"(?s)({_TEXT}|{template}|{_PATTERN})", text)  # odd ones stay
    parts[::2] = [re.sub(_SPACE, "", part).replace(";}", "}") for part in parts[::2]]
    return "".join(parts)


@functools.cache
def module_script(entry: str) -> str:
    """Return a module as one ES module that imports nothing and has the same default export."""
    return f"{_join(entry)}\nexport default {_parse(entry).default};\n"


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
    default: str
    """The expression of the default export; "" for none."""
    names: frozenset[str]
    """All that is declared outside of functions and classes."""
    lines: tuple[str, ...]
    """Without comments, indentation, imports and the word ``export``."""


@functools.cache
def _parse(module: str) -> _Module:
    """Read a module, one statement of ``import`` or ``export`` after the other."""
    text = re.sub(_BLOCK, "", FOLDER.joinpath(f"{module}.js").read_text("utf-8"))
    imported, exports, names, lines = [], [], [], []
    pending = default = ""  # an import that goes on in the next line
    for row in text.splitlines():
        line = row.strip()
        code = f"{pending} {line}" if pending else _without_comment(line)
        if code.startswith("import "):
            pending = "" if code.endswith(";") else code
            if found := re.fullmatch(_IMPORT, code):
                imported.append(_resolve(module, found[1]))
        elif code.startswith("export default "):
            default = code[len("export default ") : -1]
        elif code and code != "export {};":
            code = code.removeprefix("export ")
            found = re.match(_DECLARED, code)
            if found and not row[0].isspace():
                names.append(found[1])
                if line.startswith("export "):
                    exports.append(found[1])
            lines.append(code)
    joined = re.sub(_WRAPPED, "", "\n".join(lines))  # what the formatter has wrapped
    joined = re.sub(_STYLE, lambda found: re.sub(_STYLE_SPACE, r"\1", found[0]), joined)
    return _Module(
        tuple(imported), tuple(exports), default, frozenset(names), tuple(joined.splitlines())
    )


def _without_comment(line: str) -> str:
    return "" if line.startswith("// ") else line.partition(" // ")[0].rstrip()


def _resolve(module: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(module), path)).removesuffix(".js")


def _join(*entries: str) -> str:
    """Return modules one after the other; in scopes of their own where names are the same."""
    modules = {module: _parse(module) for module in module_order(*entries)}
    count = Counter(name for module in modules.values() for name in module.names)
    exported = Counter(name for module in modules.values() for name in module.exports)
    if double := [name for name, times in exported.items() if times > 1]:
        raise ValueError(f"modules must export different names, but got two of {double[0]}")
    lines: list[str] = []
    for module in modules.values():
        private = module.names.difference(module.exports)
        if all(count[name] == 1 for name in private):
            lines += module.lines
            continue
        given = ", ".join(module.exports)
        begin = f"const {{ {given} }} = (() => {{" if given else "(() => {"
        end = [f"return {{ {given} }};"] if given else []
        lines += [begin, *module.lines, *end, "})();"]
    return "\n".join(lines)
