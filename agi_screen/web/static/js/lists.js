// The lists: who is on them and why; added, taken off, imported.

import { ask, me } from "./api.js";
import { byId, el, glyph, say } from "./dom.js";
import { onSubmit } from "./form.js";
import { duration, phone, whole } from "./format.js";
import { onImport } from "./importing.js";
import { notice } from "./notice.js";
import { shell } from "./shell.js";
import { toast } from "./toast.js";

const LISTS = {
  allow: ["Allow", "allow", "Always let through, whatever they score. Allow goes before deny."],
  deny: ["Deny", "reject", "Always rejected."],
  suspect: ["Suspect", "challenge", "Evidence, and never enough to reject: numbers in complaints are often forged."],
};
const DAY = new Intl.DateTimeFormat([], { dateStyle: "medium" });
const PAGE = 50;

let mine = { name: "", role: "viewer", masked: false };
let list = "deny";
let next = "";

const atHand = () => new URLSearchParams(location.search);
const iso = (seconds) => (seconds ? new Date(seconds * 1000).toISOString() : "");

async function show() {
  const said = atHand();
  list = said.get("list") in LISTS ? said.get("list") : "deny";
  byId("search").value = said.get("search") || "";
  say(byId("means"), LISTS[list][2]);
  byId("export").href = `/api/v1/lists/export/${list}`;
  byId("entries").replaceChildren();
  next = "";
  await more();
}

/** The next page, below what is there. */
async function more() {
  const search = byId("search").value.trim();
  byId("search-form").querySelector(".form-error").textContent = "";
  try {
    const page = await ask("GET", `/lists?${new URLSearchParams({ list, search, after: next, limit: String(PAGE) })}`);
    drawTabs(page.counts);
    byId("entries").append(...page.entries.map(row));
    if (!next) drawMatching(page.matching);
    next = page.next;
    byId("more").hidden = !next;
    const shown = byId("entries").children.length;
    byId("no-entries").hidden = shown > 0;
    say(byId("found"), search ? `${shown}${next ? " and more" : ""} found` : `${whole(shown)} of ${whole(page.counts[list])}`);
  } catch (error) {
    if (error.status === 400) byId("search-form").querySelector(".form-error").textContent = error.message;
    else notice(error.message, "bad");
  }
}

function drawTabs(counts) {
  const tabs = Object.entries(LISTS).map(([name, [word, verdict]]) =>
    el("a", { href: `/lists?list=${name}`, "data-verdict": verdict, "aria-current": name === list ? "page" : null, click: (event) => go(event, name) }, glyph(verdict), word, el("span", { class: "count muted" }, whole(counts[name]))),
  );
  const focused = document.activeElement && byId("tabs").contains(document.activeElement);
  byId("tabs").replaceChildren(...tabs);
  if (focused) byId("tabs").querySelector("[aria-current]").focus();
}

function go(event, name) {
  event.preventDefault();
  history.pushState(null, "", `/lists?list=${name}`);
  show();
}

function drawMatching(entries) {
  const text = entries.map((entry) => `${LISTS[entry.list][0].toLowerCase()}: ${entry.value}${entry.reason ? ` (${entry.reason})` : ""}`).join("; ");
  byId("matching").hidden = !entries.length;
  say(byId("matching"), `The judge goes by: ${text}`);
}

function row(entry) {
  const may = mine.role === "admin" || (mine.role === "operator" && entry.mine && entry.kind === "number" && !mine.masked);
  const kind = entry.kind === "number" ? null : el("small", {}, entry.kind);
  const shown = entry.kind === "number" ? phone(entry.value) : entry.value;
  const ends = entry.expires ? (entry.active ? `in ${duration(entry.expires - Date.now() / 1000)}` : `over since ${DAY.format(entry.expires * 1000)}`) : "never";
  const button = may ? el("button", { type: "button", class: "danger", "aria-label": `Remove ${entry.value}`, click: () => remove(entry) }, "Remove") : null;
  return el(
    "tr",
    { class: entry.active ? null : "over" },
    el("td", { class: "entry" }, el("b", {}, shown), kind),
    el("td", {}, entry.reason),
    el("td", { class: "by", "data-label": "Added" }, entry.added ? DAY.format(entry.added * 1000) : "", el("small", {}, entry.source ? `by ${entry.source}` : "")),
    el("td", { "data-label": "Ends" }, ends),
    el("td", { class: "change" }, button),
  );
}

async function remove(entry) {
  try {
    await ask("DELETE", `/lists/${entry.list}/${encodeURIComponent(entry.value)}`);
    await show();
    byId("search").focus();
    toast(`${entry.value} is off the ${entry.list} list.`, async () => {
      await ask("POST", "/lists", { list: entry.list, number: entry.value, reason: entry.reason, expires: entry.active ? iso(entry.expires) : "" });
      await show();
      return `${entry.value} is on the ${entry.list} list again, added by ${mine.name}.`;
    });
  } catch (error) {
    notice(error.message, "bad");
  }
}

/** What stood there before stands there again; else the new entry goes. */
async function takeBack(entry, written, replaced) {
  if (replaced) await ask("POST", "/lists", { list: entry.list, number: written, reason: replaced.reason, expires: replaced.active ? iso(replaced.expires) : "" });
  else await ask("DELETE", `/lists/${entry.list}/${encodeURIComponent(written)}`);
  await show();
  return replaced ? "As it was before." : `${entry.value} is off the ${entry.list} list.`;
}

onSubmit("add-form", async ({ number, reason, expires }, form) => {
  const written = number.trim();
  const { entry, replaced } = await ask("POST", "/lists", { list, number: written, reason, expires });
  form.reset();
  await show();
  toast(`${entry.value} is on the ${list} list${replaced ? ", in place of the entry before" : ""}.`, () => takeBack(entry, written, replaced));
});
byId("search-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const search = byId("search").value.trim();
  history.pushState(null, "", `/lists?${new URLSearchParams(search ? { list, search } : { list })}`);
  show();
});
byId("more").addEventListener("click", more);
addEventListener("popstate", show);

shell();
mine = await me();
byId("add-card").hidden = mine.role === "viewer";
byId("import-card").hidden = mine.role !== "admin";
byId("export-card").hidden = mine.masked;
say(byId("add-hint"), mine.role === "admin" ? "+14155550100, a prefix +1415*, or a pattern _+1415NXXXXXX" : "such as +14155550100");
onImport(() => list, show);
await show();
