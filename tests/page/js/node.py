"""The page's own modules in Node: what they calculate needs no browser."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from nbimage.page.scripts import FOLDER
from tests.npm import program

SERVER = """
import { createInterface } from "node:readline";
globalThis.ImageData = class {
  constructor(width, height) {
    Object.assign(this, { width, height, data: new Uint8ClampedArray(4 * width * height) });
  }
};
globalThis.encode = (array) =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64");
for (const address of MODULES) Object.assign(globalThis, await import(address));
for await (const line of createInterface({ input: process.stdin })) {
  const { expression, argument } = JSON.parse(line);
  let answer;
  try {
    let value = (0, eval)(`(${expression})`);
    if (typeof value === "function") value = await value(argument);
    answer = { value };
  } catch (error) {
    answer = { error: error.stack ?? String(error) };
  }
  console.log(JSON.stringify(answer));
}
"""


class Node:
    """A process that knows what modules export; `evaluate` is as a browser's page has it."""

    def __init__(self, *modules: str) -> None:
        addresses = [FOLDER.joinpath(f"{module}.js").as_uri() for module in modules]
        text = SERVER.replace("MODULES", json.dumps(addresses))
        self._process = subprocess.Popen(
            [program("node"), "--no-warnings", "--input-type=module", "--eval", text],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def evaluate(self, expression: str, argument: Any = None) -> Any:
        """Return what an expression is, or what a function gives for an argument, by JSON."""
        assert self._process.stdin and self._process.stdout
        text = json.dumps({"expression": expression, "argument": argument})
        self._process.stdin.write(f"{text}\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer.get("value")

    def close(self) -> None:
        """End the process."""
        self._process.communicate()
