"""What pandoc makes of a notebook: a document of Word with each figure, as large as on the page."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import nbformat
import pypandoc
import pytest

from tests.export.test_documents import SHOWN, find_still, find_width, make_notebook

_EMU = 914400 / 96  # of Word's units a CSS pixel


@pytest.mark.parametrize("name", SHOWN)
def test_docx_has_the_whole_figure(name: str, tmp_path: Path) -> None:
    item = SHOWN[name]()
    notebook, document = tmp_path / "x.ipynb", tmp_path / "x.docx"
    nbformat.write(make_notebook(item), notebook)
    pypandoc.convert_file(str(notebook), "docx", outputfile=str(document))
    with zipfile.ZipFile(document) as archive:
        (media,) = [one for one in archive.namelist() if one.startswith("word/media/")]
        data, text = archive.read(media), archive.read("word/document.xml").decode()
    assert data == find_still(item)
    (width,) = re.findall(r'<wp:extent cx="(\d+)"', text)
    page = 5334000  # of a line of text in pandoc's document
    assert int(width) == pytest.approx(min(page, find_width(item) * _EMU), abs=_EMU)
