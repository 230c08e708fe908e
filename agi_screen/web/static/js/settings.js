// All settings as a form: comment, default, and the file's own value; nothing is written before its change was shown.

import { ask, me } from "./api.js";
import { byId, el, say } from "./dom.js";
import { moment } from "./format.js";
import { notice, tried } from "./notice.js";
import { confirmed, diffBlock, saveChanges, toldOf, undoChange } from "./save.js";
import { shell } from "./shell.js";

const MODES = {
  enforce: ["Enforce", "Suspected callers are challenged or rejected."],
  monitor: ["Monitor", "Calls are scored and recorded, and everybody is let through."],
  off: ["Off", "No call is judged; everybody is let through."],
};
const PAGE = 10;
const DEFAULT = null;

let admin = false;
let mode = "";
let below = 0;
/** What was changed on the page, by key. @type {Map<string, any>} */
const wanted = new Map();

async function load() {
  const found = await ask("GET", "/settings");
  wanted.clear();
  say(byId("path"), found.path);
  byId("state").replaceChildren(...states(found));
  byId("tables").replaceChildren(...found.tables.map(table));
  byId("contents").replaceChildren(...found.tables.map(content));
  mode = found.tables.flatMap((one) => one.keys).find(({ key }) => key === "mode").value;
  showMode();
  count();
  filter();
  if (admin) await loadHistory();
}

function states({ problems, unloaded, waiting }) {
  const said = [];
  if (problems.length) said.push(el("p", { class: "notice", "data-kind": "bad" }, `The file is wrong, and the daemon goes on with what it took before: ${problems.join("; ")}`));
  if (unloaded && !problems.length) said.push(el("p", { class: "notice" }, "The file says something that the daemon has not taken yet; the next save takes it too."));
  if (waiting.length) said.push(el("p", { class: "notice" }, `Waiting for \`agi-screen restart\`: ${waiting.join(", ")}.`));
  return said;
}

const idOf = (name) => `table-${name || "top"}`;
const titleOf = (name) => (name ? `[${name}]` : "Top level");

function content({ name, keys }) {
  return el("li", {}, el("a", { href: `#${idOf(name)}`, "data-table": name, "data-differs": keys.some((key) => key.differs) }, name || "top level"));
}

function table({ name, comment, keys }) {
  const rows = keys.filter(({ key }) => key !== "mode").map(setting);
  return el("section", { class: "card", id: idOf(name), "aria-label": titleOf(name), hidden: rows.length === 0 }, el("header", {}, el("h3", {}, titleOf(name)), el("span", { class: "muted" }, comment)), ...rows);
}

function setting(one) {
  const id = `set-${one.key}`;
  const still = one.secret || !admin;
  const { input, read } = field(one, id, still);
  const about = el("div", { class: "about", id: `${id}-about` }, one.comment ? `${one.comment} ` : "");
  const facts = [];
  if (one.secret) facts.push("secret: written by hand, into the file or secret_file");
  else if (one.differs) facts.push(`default ${text(one.default)}`);
  if (one.restart) facts.push("waits for a restart");
  about.append(...facts.flatMap((fact) => [el("span", { class: "tag" }, fact), " "]));
  if (one.written && !still) about.append(el("button", { type: "button", class: "plain", "aria-label": `${one.key} back to its default`, click: () => put(DEFAULT) }, "use the default"));
  const box = el("div", { class: "setting", "data-key": one.key, "data-differs": one.differs, "data-words": `${one.key} ${one.comment}`.toLowerCase() }, el("label", { for: id }, one.name), input, about);
  input.addEventListener("input", () => put(read()));
  function put(value) {
    if (value === DEFAULT) show(input, one.default);
    if (same(value, one.value)) wanted.delete(one.key);
    else wanted.set(one.key, value);
    box.classList.toggle("changed", wanted.has(one.key));
    count();
  }
  return box;
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const text = (value) => (typeof value === "string" ? value || "empty" : JSON.stringify(value));

function show(input, value) {
  if (input.type === "checkbox") input.checked = value === true;
  else input.value = typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value ?? "");
}

/** An input for a value of this kind, and how it is read. */
function field(one, id, still) {
  const shared = { id, disabled: still, "aria-describedby": `${id}-about`, autocomplete: "off", spellcheck: "false" };
  const kind = typeof (one.value ?? one.default);
  let input;
  let read;
  if (kind === "boolean") {
    input = el("input", { type: "checkbox", ...shared });
    read = () => input.checked;
  } else if (kind === "number") {
    input = el("input", { type: "number", step: "any", ...shared });
    read = () => (input.value === "" ? "" : Number(input.value));
  } else if (kind === "string") {
    input = el("input", { type: "text", ...shared });
    read = () => input.value;
  } else {
    input = el("input", { type: "text", ...shared });
    read = () => {
      try {
        input.removeAttribute("aria-invalid");
        return JSON.parse(input.value);
      } catch {
        input.setAttribute("aria-invalid", "true");
        return input.value; // refused with its reason at the preview
      }
    };
  }
  show(input, one.value);
  return { input, read };
}

function count() {
  byId("unsaved").hidden = wanted.size === 0;
  say(byId("count"), wanted.size === 1 ? "1 change, not saved" : `${wanted.size} changes, not saved`);
}

function filter() {
  const word = byId("find").value.trim().toLowerCase();
  const only = byId("only").checked;
  for (const section of byId("tables").children) {
    let any = false;
    for (const row of section.querySelectorAll(".setting")) {
      row.hidden = (only && !("differs" in row.dataset)) || !row.dataset.words.includes(word);
      any ||= !row.hidden;
    }
    section.hidden = !any;
  }
  for (const link of byId("contents").querySelectorAll("a")) link.parentElement.hidden = byId(idOf(link.dataset.table)).hidden;
}

function showMode() {
  say(byId("mode-says"), MODES[mode][1]);
  const button = ([name, [word]]) => el("button", { type: "button", "aria-pressed": String(name === mode), disabled: !admin, click: () => name !== mode && turn(name) }, word);
  byId("mode").replaceChildren(...Object.entries(MODES).map(button));
}

async function turn(name) {
  const changes = { mode: name };
  await after(() => confirmed(`${MODES[name][0]}: ${MODES[name][1]}`, () => ask("POST", "/settings/preview", { changes }), () => ask("POST", "/mode", { mode: name, confirm: true }), MODES[name][0]));
}

/** Does it, and draws anew what came of it. */
async function after(work) {
  const done = await tried(work);
  if (!done) return;
  const { text: said, kind } = toldOf(done);
  await load();
  notice(said, kind);
}

async function loadHistory() {
  below = 0;
  byId("changes").replaceChildren();
  byId("history").hidden = false;
  await moreHistory();
  byId("no-changes").hidden = byId("changes").children.length > 0;
}

async function moreHistory() {
  const { changes } = await ask("GET", `/settings/history?limit=${PAGE}${below ? `&below=${below}` : ""}`);
  byId("changes").append(...changes.map(pastChange));
  byId("more").hidden = changes.length < PAGE;
  if (changes.length) below = changes[changes.length - 1].n;
}

function pastChange({ n, at, who, what, diff }) {
  const back = el("button", { type: "button", click: () => after(() => undoChange(n)) }, "Take back to before this…");
  return el("details", {}, el("summary", {}, `${moment(at, Date.now() / 1000)}, ${who}: ${what}`), diffBlock(diff), back);
}

byId("find").addEventListener("input", filter);
byId("only").addEventListener("change", filter);
byId("discard").addEventListener("click", load);
byId("save").addEventListener("click", () => after(() => saveChanges(Object.fromEntries(wanted))));
byId("more").addEventListener("click", moreHistory);
addEventListener("beforeunload", (event) => wanted.size && event.preventDefault());

shell();
admin = (await me()).role === "admin";
if (!admin) notice("An admin can change these.", "note");
await tried(load);
