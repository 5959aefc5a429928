"""How Sphinx builds the site: ``make docs``.

Sphinx, since it alone reads numpy docstrings, resolves links from prose into them, and runs
notebooks as pages (MyST-NB); its pydata theme is the one that readers of NumPy and xarray know,
and brings its own fonts: nothing is loaded from another host.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from pathlib import Path
from typing import Any

from nbimage import __version__
from nbimage.page.shared_scripts import share_scripts

HERE = Path(__file__).parent
ROOT = HERE.parent
REPOSITORY = "https://github.com/nbimage/nbimage"

project = "nbimage"
author = "The nbimage developers"
copyright = author  # noqa: A001
version = release = __version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
]
exclude_patterns = ["_templates", "**/.ipynb_checkpoints"]
templates_path = ["_templates"]
suppress_warnings = ["mystnb.unknown_mime_type"]

# ------------------------------------------------------------------ pages and notebooks

myst_enable_extensions = ["colon_fence", "deflist", "attrs_block", "attrs_inline"]
myst_heading_anchors = 4
nb_execution_mode = "cache"
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_merge_streams = True
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # they would come from another host
# Of what is live the page shows what the notebook keeps without its kernel.
nb_mime_priority_overrides = [("html", "text/html", 0)]
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True


def hash_package() -> str:
    """Name the folder of outputs: they are those of this very nbimage, or made anew."""
    state = hashlib.sha256()
    for path in sorted((ROOT / "nbimage").rglob("*")):
        if path.suffix in (".py", ".js", ".ttf"):
            state.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return state.hexdigest()[:16]


nb_execution_cache_path = str(ROOT / "build" / "docs-outputs" / hash_package())


def copy_notebooks() -> None:
    """Bring the notebooks, which lie beside the folder of the documents, into it."""
    target = HERE / "notebooks"
    target.mkdir(exist_ok=True)
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        copy = target / path.name
        if not copy.exists() or copy.read_bytes() != path.read_bytes():
            copy.write_bytes(path.read_bytes())


def follow_link(link: str, folder: str) -> str:
    """Say where a link of a document leads to on the site, or else in the repository."""
    path, _, anchor = link.partition("#")
    path = posixpath.normpath(posixpath.join("docs", folder, path))
    anchor = f"#{anchor}" if anchor else ""
    if path.endswith(".svg"):  # a plot, which Sphinx copies
        return link
    if path.startswith("docs/") or (path.startswith("notebooks/") and path.endswith(".ipynb")):
        return posixpath.relpath(path.removeprefix("docs/"), folder or ".") + anchor
    if path == "CHANGELOG.md":
        return posixpath.relpath("versions.md", folder or ".") + anchor
    kind = "blob" if posixpath.splitext(path)[1] or path == "LICENSE" else "tree"
    return f"{REPOSITORY}/{kind}/main/{path}{anchor}"


def move_links(app: Any, name: str, text: list[str]) -> None:
    """Let links that leave the folder, right in the repository, be right on the site too."""
    folder, links = posixpath.dirname(name), r"(?<=\]\()\.\./[^)\s]*"
    if folder == "notebooks":
        return
    if name == "versions":  # its links are those of a document beside the folder
        app.env.note_dependency(str(ROOT / "CHANGELOG.md"))
        text[0] = (ROOT / "CHANGELOG.md").read_text("utf-8")
        links = r"(?<=\]\()(?![a-z]+:|#)[^)\s]+"
    up = "../" if name == "versions" else ""
    text[0] = re.sub(links, lambda found: follow_link(up + found[0], folder), text[0])


def skip_inner(app: Any, what: str, name: str, member: Any, skip: bool, options: Any) -> bool:
    """Leave out members that are no part of the reference, as their docstrings say."""
    return skip or "For the modules of nbimage" in (getattr(member, "__doc__", None) or "")


def share_page_scripts(app: Any, name: str, template: str, context: Any, tree: Any) -> None:
    """Write each script of a page's outputs once."""
    if "body" in context:
        context["body"] = share_scripts(context["body"])


def setup(app: Any) -> None:
    """Connect what this file adds to Sphinx."""
    app.connect("html-page-context", share_page_scripts)
    app.connect("source-read", move_links)
    app.connect("autodoc-skip-member", skip_inner)


copy_notebooks()

# ------------------------------------------------------------------ docstrings

default_role = "py:obj"  # `nbimage` in a docstring is a link where there is such a name
autosummary_generate = True
autodoc_typehints = "none"  # numpy docstrings have them, in words
autodoc_member_order = "groupwise"
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
napoleon_preprocess_types = False
add_module_names = False
python_use_unqualified_type_names = True

# ------------------------------------------------------------------ the site

html_theme = "pydata_sphinx_theme"
html_title = "nbimage"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_show_sphinx = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "nbimage"},
    "icon_links": [{"name": "Source", "url": REPOSITORY, "icon": "fa-brands fa-github"}],
    "navbar_align": "left",
    "header_links_before_dropdown": 7,
    "show_toc_level": 2,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {name: [] for name in ("index", "start", "gallery", "comparison", "versions")}
pygments_style = "default"
