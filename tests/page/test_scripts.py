"""The page's scripts: their types agree; what is shipped of them is whole, small and harmless."""

from __future__ import annotations

import functools
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import Grid, Picture, Video, View
from nbimage.page.scripts import FOLDER as MODULES
from nbimage.page.scripts import (
    _parse,
    compact_script,
    imports,
    module_order,
    module_script,
    packed_script,
    script,
    unpack_script,
)
from nbimage.page.view_html import EMBEDDED, FOLDER, KEPT, LIVE, PARTS, REPORT, SERVED
from tests import npm
from tests.npm import packages

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "tests" / "scripts"
GRAY = np.arange(54, dtype=np.uint8).reshape(6, 9)
FLOATS = np.linspace(0, 1, 54, dtype=np.float32).reshape(6, 9)
FRAMES = np.arange(3 * 16 * 16, dtype=np.uint8).reshape(3, 16, 16)
PAGES: dict[str, Any] = {
    "a picture": lambda: Picture(GRAY),
    "a picture with axes": lambda: Picture(FLOATS, x=(0, 1), colorbar=True),
    "a video": lambda: Video(FRAMES),
    "a video with axes": lambda: Video(FRAMES, x=(0, 1)),
    "a grid": lambda: Grid([GRAY, GRAY]),
    "a grid of videos": lambda: Grid([Video(FRAMES), Picture(FLOATS, x=(0, 1))]),
    "an explorer": lambda: View(FLOATS),
    "an explorer of a stack": lambda: View(FRAMES),
}
BUNDLES = ("a picture", "a picture with axes", "a video", "a video with axes", "a grid")
ENTRIES = "resize", "player/video", "ticks", "grid/grid", "widget"  # beside the explorer's
ENTRIES += (EMBEDDED, SERVED, FOLDER, LIVE, KEPT, REPORT, "view/loaders/still", "frame", "unpack")
ENTRIES += (PARTS["steps"],)  # live views have all others
PACKED = r'const text = "([^"]+)"'
TILED = {"a page of tiles from a server": SERVED, "a page of tiles beside it": FOLDER}
UNPACKING = "what unpacks an explorer"
BUNDLES += ("a grid of videos", "an explorer", UNPACKING, *TILED)


def node(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run node."""
    return npm.node(*arguments, capture_output=True)


@functools.cache
def shown(name: str) -> str:
    """The HTML that a notebook stores."""
    return str(PAGES[name]().html)


def stored(name: str) -> str:
    """The script of a page as it is stored; before an explorer's there is its fallback's."""
    return str(re.findall(r"<script>(.*?)</script>", shown(name), re.DOTALL)[-1])


def bundle(name: str) -> str:
    """The script of a page as it runs, line by line: unpacked, if it is stored so."""
    if name == UNPACKING:
        return re.sub(PACKED, 'const text = ""', stored("an explorer"))
    text = packed_script(TILED[name]) if name in TILED else stored(name)
    if re.search(PACKED, text):
        text = unpack_script(text)
    elif not name.startswith("a video"):  # these are as compact, though not packed
        return text
    return "\n".join(line.strip() for line in formatted(text).split("\n"))


def modules(pattern: str) -> dict[str, str]:
    """The scripts' sources by path."""
    found = {str(p.relative_to(MODULES)): p.read_text("utf-8") for p in MODULES.glob(pattern)}
    assert found
    return found


@pytest.fixture(scope="session")
def compiler() -> Path:
    """TypeScript's, brought by npm."""
    return packages() / "typescript" / "bin" / "tsc"


# -------------------------------------------------------------------------------- the sources


def test_types_agree(compiler: Path) -> None:
    done = node(compiler, "--pretty", "false", "--project", SETTINGS / "tsconfig.json")
    assert (done.stdout + done.stderr, done.returncode) == ("", 0)


def test_the_compiler_looks_at_every_module(compiler: Path) -> None:
    done = node(compiler, "--listFilesOnly", "--project", SETTINGS / "tsconfig.json")
    assert {str(MODULES / name) for name in modules("**/*.js")} <= set(done.stdout.split("\n"))


def test_the_compiler_finds_what_is_wrong(compiler: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.js"
    wrong.write_text('/** @type {number} */\nexport const wrong = "no";\n', "utf-8")
    done = node(compiler, "--noEmit", "--allowJs", "--checkJs", "--strict", wrong)
    assert "error TS2322" in done.stdout


def test_no_line_of_a_module_is_too_long() -> None:
    """The formatter leaves comments and texts as they are."""
    for path, text in modules("**/*.js").items():
        long = [number for number, line in enumerate(text.split("\n"), 1) if len(line) > 100]
        assert not long, path


def test_modules_are_written_so_that_they_can_be_joined() -> None:
    imported = r'import (?:\{[\w\s,]+\} from )?"\.[\w./]+\.js";'
    exported = r"export (?:(?:async )?function|const|class)\b.*|export \{\};|export default .*;"
    several = r"^export (?:const|let) +[{\[]"  # their names would go unseen
    for path, text in modules("**/*.js").items():
        for statement in re.findall(r"^\s*(?:import\b[^;]*;|export\b.*$)", text, re.MULTILINE):
            assert re.fullmatch(f"{imported}|{exported}", statement.lstrip("\n")), path
        assert not re.search(several, text, re.MULTILINE), path


def test_no_module_declares_a_name_of_the_browsers() -> None:
    """Joined into one scope, it would hide it from other modules."""
    (types,) = packages().rglob("lib.dom.d.ts")
    declared = r"^declare (?:var|function|const|let|class) (\w+)"
    known = set(re.findall(declared, types.read_text("utf-8"), re.MULTILINE))
    assert {"name", "close", "Image"} <= known
    for module in module_order(*ENTRIES):
        assert not known.intersection(_parse(module).names), module


def test_modules_with_the_same_private_name_keep_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = 'import { b } from "./b.js";\n\nconst own = "a";\nconsole.log(own, b());\n'
    other = 'const own = "b";\nexport const b = () => own;\n'
    third = 'import { b } from "./b.js";\n\nexport const b = 1;\n'
    for name, text in (("joined-a", one), ("b", other), ("joined-c", third)):
        (tmp_path / f"{name}.js").write_text(text, "utf-8")
    monkeypatch.setattr("nbimage.page.scripts.FOLDER", tmp_path)
    (tmp_path / "joined.js").write_text(compact_script("joined-a"), "utf-8")
    assert node(tmp_path / "joined.js").stdout == "a b\n"
    with pytest.raises(ValueError, match="modules must export different names, but got two of b"):
        script("joined-c")


def test_a_compact_script_means_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands near a space that goes: signs, templates, strings, regular expressions."""
    text = """
      let a = 6;
      const words = [];
      const kind = (x) => typeof x;
      words.push(a / 2 / 3, a - -a, a + +"1", 1 - a, [..."ab"].length / 2);
      words.push(`${a / 2} { ${[a].map((x) => `<${x + 1} ${`}`}>`)} / ${{ b: "`" }.b}  end`);
      words.push("a / b  'c'".replace(/\\/ [a"'`/]/g, "  "), kind(a), "c" in { c: 1 });
      let i = a++ + ++a;
      if (i) words.push(i);
      else if (a) words.push(-i);
      class B {
        #own = 1;
        static made = new B();
        get own() {
          return this.#own;
        }
        async *many() {
          yield* [this.#own, -this.#own];
        }
      }
      for (const one of [B.made.own, void 0]) words.push(one);
      console.log(JSON.stringify(words));
    """
    (tmp_path / "spaced.js").write_text(text, "utf-8")
    monkeypatch.setattr("nbimage.page.scripts.FOLDER", tmp_path)
    written = []
    for name, made in (("plain", script("spaced")), ("compact", compact_script("spaced"))):
        (tmp_path / f"{name}.js").write_text(made, "utf-8")
        written.append(node(tmp_path / f"{name}.js").stdout)
    assert written[0] == written[1]
    assert written[0].startswith("[1,12,7,-5,1,")
    assert len(compact_script("spaced")) < 0.9 * len(script("spaced"))


def test_a_module_stands_after_all_that_it_imports() -> None:
    order = module_order(*ENTRIES)
    for place, module in enumerate(order):
        assert set(imports(module)) <= set(order[:place]), module
    assert len(set(order)) == len(order)


def test_every_module_is_shipped_but_for_the_types() -> None:
    names = {path.removesuffix(".js") for path in modules("**/*.js")}
    assert names - set(module_order(*ENTRIES)) == {"view/base/types"}


def test_every_export_is_imported_by_a_module_or_by_a_test_of_one() -> None:
    used: set[str] = set()
    texts = modules("**/*.js")
    for text in texts.values():
        for names in re.findall(r"^import \{([\w\s,]+)\} from", text, re.MULTILINE):
            used |= set(re.findall(r"\w+", names))
        used |= set(re.findall(r"import\([^)]*\)\.(\w+)", text))
    for path in Path(__file__).parent.joinpath("js").glob("*.py"):
        used |= set(re.findall(r"\w+", path.read_text("utf-8")))
    exported = r"^export (?:async )?(?:function|const|class) (\w+)"
    for path, text in texts.items():
        assert not set(re.findall(exported, text, re.MULTILINE)) - used, path


def test_a_widget_is_a_module_that_imports_nothing() -> None:
    text = module_script("widget")
    assert text.endswith("\nexport default { initialize, render };\n")
    assert not re.search(r"^import\b", text, re.MULTILINE)


def test_the_explorer_listens_to_nothing_beyond_itself() -> None:
    wide = r"(?:\b(?:window|document|globalThis|self|body|documentElement)\??\.|(?<![\w.#]))"
    for path, text in modules("view/**/*.js").items():
        assert not re.search(wide + r"addEventListener\(", text), path
        assert not re.search(r"\b(?:window|document|globalThis|self)\.on\w+ *=", text), path


# ---------------------------------------------------------------------------- what is shipped


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_is_a_script_that_parses(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bundle.js"
    path.write_text(bundle(name), "utf-8")
    assert node("--check", path).stderr == ""
    path.write_text(bundle(name) + "\n}", "utf-8")
    assert node("--check", path).returncode != 0


def test_a_bundle_holds_every_name_that_it_uses(compiler: Path, tmp_path: Path) -> None:
    for number, name in enumerate(BUNDLES):  # modules, so that they know nothing of one another
        for wrong, more in (("", ""), ("-wrong", "somewhereElse();\n")):
            text = f"{bundle(name)}\n{more}export {{}};\n"
            (tmp_path / f"bundle-{number}{wrong}.js").write_text(text, "utf-8")
    config = '{"extends": "%s", "include": ["bundle-*"], "compilerOptions": {"strict": false}}'
    (tmp_path / "tsconfig.json").write_text(config % (SETTINGS / "tsconfig.json").as_posix())
    done = node(compiler, "--pretty", "false", "--project", tmp_path / "tsconfig.json")
    unknown = re.compile(r"TS(2304|2552|2393|2451|2300|18004)\b")  # unknown names, and double ones
    found = [line for line in done.stdout.splitlines() if unknown.search(line)]
    assert all("TS2304: Cannot find name 'somewhereElse'" in line for line in found), found
    files = {re.findall(r"bundle-\d+[-a-z]*\.js", line)[0] for line in found}
    assert files == {f"bundle-{number}-wrong.js" for number in range(len(BUNDLES))}


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_is_free_of_modules_and_of_comments(name: str) -> None:
    text = bundle(name)
    assert not re.search(r"^(?:import|export)\b|\bimport\(", text, re.MULTILINE)
    for never in ("/*", "*/", "@type", "@param", "<!--", "-->"):
        assert never not in text
    assert not re.search(r"(^|\s)//\s", text, re.MULTILINE)


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_reaches_for_nothing_and_runs_no_text(name: str) -> None:
    text = bundle(name).replace("http://www.w3.org/2000/svg", "")  # a name, never fetched
    assert not re.search(r"\b(?:https?|wss?|ftp):|[\"'`(]//\w", text)
    # a worker is made of the script's own functions
    blob = r"const address = URL\.createObjectURL\(\s*new Blob\(\[text\][^;]*;"
    own = rf"{blob}\s*const worker = new Worker\("
    text = re.sub(own, "", text, flags=re.DOTALL)
    assert not re.search(r"\b(?:XMLHttpRequest|WebSocket|EventSource|sendBeacon|Worker)\b", text)
    assert not re.search(r"\beval\b|\bFunction\(|set(?:Timeout|Interval)\([\"'`]", text)


@pytest.mark.parametrize("name", BUNDLES)
def test_only_constant_text_becomes_html(name: str) -> None:
    text = bundle(name)
    never = r"outerHTML|insertAdjacentHTML|createContextualFragment|setHTMLUnsafe|document\.write"
    assert not re.search(never, text)
    style = r"<style>\$\{[A-Z][A-Z_]*\}</style>"  # of the scripts' own constants
    literal = r"\s*(?:\"[^\"\\]*\"|'[^'\\]*'|`[^`\\$]*`)\s*"
    constant = rf"{literal}(?:\+{literal})*[;,)}}]"
    for value in re.findall(r"innerHTML\s*([:=+].*?;)(?=\n|\s*\})", text, re.DOTALL):
        name = re.match(r"[:=]\s*([A-Z][A-Z_]+)\b", value)
        if name:
            assert re.search(rf"^const {name[1]} ={constant}", text, re.MULTILINE), name[1]
        else:
            assert re.match(f"[:=]{constant}", re.sub(style, "", value)), value


def test_a_grids_script_takes_little_of_a_page() -> None:
    assert len(stored("a grid").encode()) <= 20_000


def test_the_player_of_videos_takes_little_of_a_page() -> None:
    assert len(packed_script("player/video")) <= 6_500
    assert len(stored("a video").encode()) <= 16_000


def test_the_explorer_has_the_same_script_for_all_data() -> None:
    assert stored("an explorer") == stored("an explorer of a stack")


def formatted(text: str) -> str:
    """Return a script as the formatter writes it."""
    biome = packages() / "@biomejs" / "biome" / "bin" / "biome"
    done = npm.node(
        biome, "format", "--stdin-file-path=x.js", input=text, capture_output=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize("entry", [EMBEDDED, SERVED, FOLDER])
def test_a_packed_script_lacks_spaces_and_last_semicolons_alone(entry: str) -> None:
    text = unpack_script(packed_script(entry))
    assert len(text) < len(script(entry))
    joined = [one.replace("{\n", "{") for one in (text, script(entry))]  # else the formatter asks
    assert formatted(joined[0]) == formatted(joined[1])
