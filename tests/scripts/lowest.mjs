// What the lowest browsers lack: members and names that scripts use, by their types, and CSS.
//   node lowest.mjs PACKAGES TSCONFIG.json  the scripts of a project and the styles in them
//   node lowest.mjs PACKAGES FILE.css…      style sheets
// The browsers are those of package.json, what they have is MDN's table. `lowest.json` has what may
// be used all the same, and why.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [packages, ...given] = process.argv.slice(2);
const [project] = given.filter((path) => path.endsWith(".json"));
const require = createRequire(`${packages}/`);
const own = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf-8"));
const table = require("@mdn/browser-compat-data");
const { parse, walk } = require("css-tree");

const LOWEST = own("package.json").browserslist.map((line) => {
  const [name, version] = line.split(" ");
  return [name === "ios_saf" ? "safari_ios" : name, version];
});
const admitted = own("lowest.json")[project ? "scripts" : "pages"];
const unused = new Set(Object.keys(admitted));
/** @type {Set<string>} lines on what is wrong */
const wrong = new Set();

const parts = (version) => version.replace("≤", "").split(".").map(Number);
const isAfter = (one, other) => {
  const [a, b] = [parts(one), parts(other)];
  for (let i = 0; i < Math.max(a.length, b.length); i++)
    if ((a[i] ?? 0) !== (b[i] ?? 0)) return (a[i] ?? 0) > (b[i] ?? 0);
  return false;
};

/** The browsers that lack what an entry of the table is of. */
function lacking(entry) {
  const support = entry?.__compat?.support;
  if (!support) return [];
  return LOWEST.filter(([browser, version]) => {
    const all = [support[browser] ?? []].flat();
    return !all.some(
      ({ version_added: added, version_removed: removed, flags, prefix, alternative_name }) =>
        typeof added === "string" &&
        added !== "preview" &&
        !isAfter(added, version) &&
        !(typeof removed === "string" && !isAfter(removed, version)) &&
        !flags &&
        !prefix &&
        !alternative_name,
    );
  }).map(([browser]) => browser);
}

/** Says what is lacking, if every one of the entries that there are is. */
function check(name, entries, where) {
  const known = entries.filter((entry) => entry?.__compat);
  const all = known.map(lacking);
  if (!known.length || !all.every((one) => one.length)) return;
  unused.delete(name);
  if (!(name in admitted))
    wrong.add(`${where()}: ${name} is lacking in ${[...new Set(all.flat())].join(", ")}`);
}

// ------------------------------------------------------------------------------------------- CSS

const { css } = table;
const TYPES = Object.values(css.types).concat(Object.values(css.types.color ?? {}));

function checkProperty(name, value, where) {
  if (name.startsWith("--") || name === "cursor") return; // which phones have not
  if (name.startsWith("-webkit-")) return; // beside the name without
  const entry = css.properties[name];
  check(name, [entry], where);
  if (!value || value.type === "Raw") return;
  walk(value, (node) => {
    const word = node.type === "Function" || node.type === "Identifier" ? node.name : "";
    if (word && !word.startsWith("-")) {
      const call = node.type === "Function";
      const found = [entry?.[word], entry?.[word.replaceAll("-", "_")]].filter(Boolean);
      const types = call ? TYPES.map((one) => one?.[word]).concat(css.types[word]) : [];
      check(`${name}: ${word}${call ? "()" : ""}`, found.length ? found : types, where);
    } else if (node.type === "Dimension") {
      const units = css.types.length ?? {};
      const unit = node.unit.toLowerCase();
      const kind = /^cq/.test(unit) ? "container_query_length_units" : "";
      check(`unit ${unit}`, [units[unit], units[kind]], where);
    }
  });
}

function checkSheet(text, where, context = "stylesheet") {
  const problems = [];
  const tree = parse(text, { context, onParseError: (error) => problems.push(error.message) });
  walk(tree, {
    enter(node) {
      if (node.type === "Declaration") checkProperty(node.property, node.value, where);
      else if (node.type === "Atrule") {
        check(`@${node.name}`, [css["at-rules"][node.name]], where);
        if (node.name === "media" && node.prelude)
          walk(node.prelude, (one) => {
            if (one.type === "Feature" && one.kind === "media")
              check(`@media ${one.name}`, [css["at-rules"].media[one.name]], where);
          });
      } else if (/^Pseudo(Class|Element)Selector$/.test(node.type)) {
        if (!node.name.startsWith("-")) check(`:${node.name}`, [css.selectors[node.name]], where);
      } else if (node.type === "NestingSelector" || (node.type === "Rule" && this.rule))
        check("nesting", [css.selectors.nesting], where);
    },
  });
  if (problems.length) wrong.add(`${where()}: ${problems[0]}`);
}

// --------------------------------------------------------------------------------------- scripts

const { api, javascript } = table;
const BUILT_IN = javascript.builtins;

/** The entries of a member of an interface, or of what has it of a mixin. */
function membersOf(owner, member, heirs) {
  if (owner === "CSSStyleDeclaration") {
    const name = member.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return [css.properties[name]];
  }
  const known = api[owner] ?? BUILT_IN[owner];
  if (known) return [known[member], known[`${member}_static`]];
  return (heirs.get(owner) ?? []).map((heir) => api[heir]?.[member]);
}

/** Every entry of this name, of anything: for what has no type. A plain word may be our own. */
const anyOf = (member) =>
  /[A-Z]/.test(member) &&
  [...Object.values(api), ...Object.values(BUILT_IN)].map((one) =>
    Object.hasOwn(one, member) ? one[member] : undefined,
  );

async function checkScripts() {
  const load = (name) => import(pathToFileURL(require.resolve(`typescript/unstable/${name}`)));
  const { API } = await load("sync");
  const { SyntaxKind } = await load("ast");
  const compiler = new API();
  const snapshot = compiler.updateSnapshot({ openProjects: [project] });
  const { program, checker } = snapshot.getProject(project);
  const names = program.getSourceFileNames();
  /** @type {Map<string, string[]>} the interfaces of the page that extend one */
  const heirs = new Map();
  for (const name of names.filter((one) => /lib\.dom[^/]*\.d\.ts$/.test(one))) {
    const { text } = program.getSourceFile(name);
    for (const [, heir, bases] of text.matchAll(/interface (\w+) extends ([^{]+) \{/g))
      for (const base of bases.split(", ")) heirs.set(base, (heirs.get(base) ?? []).concat(heir));
  }
  for (const name of names.filter((one) => one.endsWith(".js"))) {
    const short = name.split("/page/js/").pop();
    const file = program.getSourceFile(name);
    const { text } = file;
    require("acorn").parse(text, { ecmaVersion: 2022, sourceType: "module" });
    const where = (node) => () => {
      const line = text.slice(0, node.getStart ? node.getStart() : node.pos).split("\n").length;
      return `${short}:${line}`;
    };
    /** @type {any[]} */
    const used = [];
    const visit = (node) => {
      if (node.kind === SyntaxKind.Identifier) used.push(node);
      else if (node.kind === SyntaxKind.CallExpression) checkLiterals(node, SyntaxKind, where);
      node.forEachChild(visit);
    };
    visit(file);
    const symbols = checker.getSymbolAtLocation(used);
    used.forEach((node, i) => {
      const { parent } = node;
      const member = parent.kind === SyntaxKind.PropertyAccessExpression && parent.name === node;
      const bound = parent.kind === SyntaxKind.BindingElement;
      const symbol = symbols[i];
      if (!symbol) {
        if (member) check(node.text, anyOf(node.text) || [], where(node));
        return;
      }
      if (!symbol.declarations.some(({ path }) => /\/lib\.[^/]*\.d\.ts$/.test(path))) return;
      const owner = symbol.getParent()?.name.replace(/(Constructor|Functions)$/, "");
      if (owner && owner !== "globalThis" && (member || bound))
        check(`${owner}.${symbol.name}`, membersOf(owner, symbol.name, heirs), where(node));
      else if (!member && !owner)
        check(node.text, [BUILT_IN[node.text], api[node.text], api.Window[node.text]], where(node));
    });
    for (const [, sheet] of text.matchAll(/STYLE\w* = `([^`]*)`/g))
      checkSheet(sheet.replace(/\$\{\w+\}/g, ""), () => short);
    for (const [, list] of text.matchAll(/["`]((?:[a-z-]+:[^;"`]*;)+)/g))
      checkSheet(list.replace(/\$\{[^}]*\}/g, "1"), () => short, "declarationList");
  }
  compiler.close();
}

/** Looks at what a call such as `element("div", { role: "note" })` makes properties. */
function checkLiterals(call, SyntaxKind, where) {
  const callee = call.expression.text ?? call.expression.name?.text;
  const makers = { element: ["label", "role"], button: ["label", "role"], assign: [] };
  if (!Object.hasOwn(makers, callee)) return;
  for (const given of call.arguments) {
    if (given.kind !== SyntaxKind.ObjectLiteralExpression) continue;
    for (const { name } of given.properties) {
      if (!name?.text || makers[callee].includes(name.text)) continue;
      const entries = Object.keys(api)
        .filter((one) => /^(Element|HTML\w*Element)$/.test(one))
        .map((one) => (Object.hasOwn(api[one], name.text) ? api[one][name.text] : undefined));
      check(`element.${name.text}`, entries, where(name));
    }
  }
}

if (project) await checkScripts();
else for (const path of given) checkSheet(readFileSync(path, "utf-8"), () => path);
for (const name of unused) wrong.add(`lowest.json admits ${name}, which nothing uses`);
for (const line of wrong) console.log(line);
process.exitCode = wrong.size ? 1 : 0;
