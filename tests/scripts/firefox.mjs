// Firefox for the tests, driven by WebDriver BiDi: takes one JSON a line, answers one JSON a line.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [packages, executablePath, width, height] = process.argv.slice(2);
const { default: puppeteer } = createRequire(`${packages}/`)("puppeteer-core");
const patience = 120_000; // milliseconds after which nothing more will come
const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath,
  headless: true,
  timeout: patience,
  protocolTimeout: patience,
  extraPrefsFirefox: { "gfx.color_management.mode": 0, "media.autoplay.default": 0 },
});
let page;
const wrong = [];

const commands = {
  async open({ scale }) {
    await page?.close();
    page = await browser.newPage();
    page.setDefaultTimeout(patience);
    page.on("pageerror", (error) => wrong.push(`${error.message}\n${error.stack}`));
    await page.setViewport({ width: +width, height: +height, deviceScaleFactor: scale });
  },
  go: ({ url }) => page.goto(url, { waitUntil: "load" }),
  evaluate: ({ body, args }) =>
    page.evaluate(`(async (...given) => (${body})(...given))(...${JSON.stringify(args)})`),
  move: ({ x, y }) => page.mouse.move(x, y),
  down: () => page.mouse.down(),
  up: () => page.mouse.up(),
  wheel: ({ amount }) => page.mouse.wheel({ deltaY: amount }),
  press: ({ key }) => page.keyboard.press(key),
  picture: () => page.screenshot({ encoding: "base64" }),
  errors: () => wrong.splice(0),
};

process.stdout.write('{"value":null}\n');
for await (const line of createInterface({ input: process.stdin })) {
  const { name, ...more } = JSON.parse(line);
  let answer;
  try {
    answer = { value: (await commands[name](more)) ?? null };
    if (name === "go") answer = { value: null };
  } catch (error) {
    answer = { error: `${error.message ?? error}` };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
