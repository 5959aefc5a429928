"""Verbs have the parameters of their classes: in Python, in help and in a notebook's kernel."""

from __future__ import annotations

import inspect
import pickle
import pydoc
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from nbimage import Grid, Picture, Video, View, data_uri, encode, nbgrid, nbimage, nbvideo, nbview

VERBS = {nbimage: Picture, nbvideo: Video, nbgrid: Grid, nbview: View}
OWN = {nbimage: ["saveas"], nbvideo: ["saveas", "embed"], nbgrid: ["saveas"], nbview: ["saveas"]}


def parameters(function: Any) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(function).parameters)


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_has_its_classs_parameters_and_its_own(verb: Any) -> None:
    mine, theirs = parameters(verb), parameters(VERBS[verb])
    assert [name for name in mine if name not in theirs] == OWN[verb]
    assert mine["saveas"].default is None
    assert {name: mine[name] for name in theirs} == theirs
    assert [name for name in mine if name in theirs] == list(theirs)


def test_the_file_to_save_is_where_the_article_has_it() -> None:
    assert list(parameters(nbimage)).index("saveas") == 4
    assert list(parameters(nbvideo)).index("saveas") == 9
    assert list(parameters(nbview)).index("saveas") == 4
    assert parameters(nbgrid)["saveas"].kind is inspect.Parameter.KEYWORD_ONLY


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_a_plain_function_of_its_module(verb: Any) -> None:
    assert inspect.isfunction(verb)
    assert verb.__name__ == verb.__qualname__
    assert verb.__module__ == VERBS[verb].__module__
    assert pickle.loads(pickle.dumps(verb)) is verb
    assert list(verb.__annotations__) == [*parameters(verb), "return"]


@pytest.mark.parametrize("verb", VERBS)
def test_a_verbs_document_explains_every_parameter(verb: Any) -> None:
    _, explained, *_ = re.split(r"^(?:Parameters|Raises)\n-+\n", verb.__doc__, flags=re.MULTILINE)
    heads = re.findall(r"^\S.*$", explained, re.MULTILINE)
    named = {name for head in heads for name in re.split(r",\s*", head.partition(" :")[0])}
    assert named == set(parameters(verb))


@pytest.mark.parametrize("verb", VERBS)
def test_help_shows_every_parameter_with_its_type_and_default(verb: Any) -> None:
    text = pydoc.render_doc(verb, renderer=pydoc.plaintext)
    for one in parameters(verb).values():
        default = "" if one.default is one.empty else f" = {one.default!r}"
        assert f"{one.name}: {one.annotation!r}{default}" in text


@pytest.mark.parametrize("verb", VERBS)
def test_a_wrong_call_is_an_error_that_names_the_verb(verb: Any) -> None:
    with pytest.raises(TypeError, match=rf"{verb.__name__}\(\) .*'nonsense'"):
        verb([[1, 2]], nonsense=1)
    with pytest.raises(TypeError, match=rf"{verb.__name__}\(\) missing"):
        verb()


def test_a_function_with_the_parameters_of_another_hands_them_on() -> None:
    assert parameters(data_uri) == parameters(encode)
    assert inspect.signature(data_uri).return_annotation == "str"
    with pytest.raises(TypeError, match="nonsense"):
        data_uri([[1, 2]], nonsense=1)  # type: ignore[call-arg]


@pytest.fixture(scope="module")
def kernel() -> Iterator[BlockingKernelClient]:
    manager, client = start_new_kernel()
    try:
        reply = client.execute_interactive("from nbimage import nbimage, nbvideo, nbgrid, nbview")
        assert reply["content"]["status"] == "ok"
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def completions(kernel: BlockingKernelClient, code: str) -> set[str]:
    reply = kernel.complete(code, reply=True)["content"]
    assert reply["status"] == "ok"
    return {match.rpartition("(")[2].rstrip("=") for match in reply["matches"]}


@pytest.mark.parametrize("verb", VERBS)
def test_a_notebook_completes_every_parameter(kernel: BlockingKernelClient, verb: Any) -> None:
    found = completions(kernel, f"{verb.__name__}(")
    assert not [name for name in parameters(verb) if name not in found]
    assert "contrast" in completions(kernel, f"{verb.__name__}(data, con")


@pytest.mark.parametrize("verb", VERBS)
def test_a_notebooks_tooltip_shows_parameters_with_types_and_defaults(
    kernel: BlockingKernelClient, verb: Any
) -> None:
    reply = kernel.inspect(verb.__name__, reply=True)["content"]
    assert reply["found"]
    text = re.sub(r"\x1b\[[\d;]*m", "", reply["data"]["text/plain"])
    for one in parameters(verb).values():
        assert re.search(rf"\b{one.name}: {re.escape(repr(one.annotation))}", text), one
    assert "norm: 'NormLike' = 'linear'" in text
    assert verb.__doc__.splitlines()[0] in text
    assert "saveas : path, optional" in text
