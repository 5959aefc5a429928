"""Work aside: what was asked for last is done first, all is answered, with workers or without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.page.js.node import Node

WORKERS = """() => {
  const sent = globalThis.sent = [];
  globalThis.Worker = class {
    constructor() { if (globalThis.forbidden) throw new Error("no workers"); }
    postMessage(message) { sent.push([this, message]); }
    terminate() {}
  };
  globalThis.answer = () => {
    const [worker, [id, , given]] = sent.shift();
    worker.onmessage({ data: [id, given[0]] });
  };
  registerTask("same", function same(value) { return value; });
}"""


@pytest.fixture
def node() -> Iterator[Node]:
    """A process with workers that answer when they are told to."""
    started = Node("view/values/aside")
    started.evaluate(WORKERS)
    yield started
    started.close()


def test_what_was_asked_for_last_is_done_first(node: Node) -> None:
    code = """async () => {
      const done = [];
      const all = [0, 1, 2, 3, 4, 5].map((value) =>
        runAside("same", value).then((found) => done.push(found)));
      const most = [];
      while (sent.length) {
        most.push(new Set(sent.map(([worker]) => worker)).size === sent.length && sent.length);
        answer();
        await null;
      }
      await Promise.all(all);
      return [done, most];
    }"""
    done, at_once = node.evaluate(code)
    assert done == [0, 1, 5, 4, 3, 2]  # two workers had begun
    assert at_once == [2, 2, 2, 2, 2, 1]  # each with one task


@pytest.mark.parametrize("when", ["at once", "later"])
def test_without_workers_all_is_done_here(node: Node, when: str) -> None:
    code = """async (when) => {
      globalThis.forbidden = when === "at once";
      const all = [7, 8, 9].map((value) => runAside("same", value));
      if (when === "later") sent[0][0].onerror();
      return Promise.all(all);
    }"""
    assert node.evaluate(code, when) == [7, 8, 9]
