"""New data of a live view: each message is answered, whatever does not come."""

from __future__ import annotations

from tests.page.js.node import Node

# A source of which tiles never come, and a viewer that waits for these.
PAGE = """async ({ hurried }) => {
  globalThis.requestAnimationFrame = (call) => setTimeout(call);
  const source = { decodeAll: async () => [], renew() {}, wanted: () => [], pending: 1 };
  const viewer = {
    sources: [source], config: { axes: [] }, state: { index: [] },
    settled: () => new Promise(() => {}), hint: (text) => { throw new Error(text); },
  };
  const sent = [], begun = [];
  const stream = streamData(
    viewer, () => {}, (message) => sent.push(message.generation), (one) => begun.push(one));
  for (const generation of [3, 5, 8])
    stream.receive({ generation, sizes: [], dtypes: ["uint8"], changes: {}, tiles: [] }, []);
  while (sent.length < 3) {
    if (hurried) stream.hurry();
    await new Promise((done) => setTimeout(done));
  }
  return [sent, begun];
}"""


def test_what_never_comes_is_not_waited_for_without_end() -> None:
    node = Node("view/loaders/stream")
    for hurried in (True, False):
        assert node.evaluate(PAGE, {"hurried": hurried}) == [[3, 5, 8], [3, 5, 8]]
    node.close()
