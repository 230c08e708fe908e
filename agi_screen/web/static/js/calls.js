// Calls found again. The address holds the filter: it can be kept, sent, and gone back to.

import { ask } from "./api.js";
import { byId, el, say, verdictPill } from "./dom.js";
import { clock, moment, phone } from "./format.js";
import { notice } from "./notice.js";
import { shell } from "./shell.js";
import { reasons, wentOn, whoCalled } from "./words.js";

const FIELDS = ["number", "did", "case", "verdict", "signal", "captcha", "way"];
const SPANS = { "1h": 3600, "1d": 86400, "7d": 604800 };
const PAGE = 50;

const form = byId("filter");
const results = document.querySelector(".results");
let asked = 0;
let chosen = -1;

/** What the address says. */
function fromAddress() {
  const said = new URLSearchParams(location.search);
  for (const name of [...FIELDS, "since", "until"]) form.elements[name].value = said.get(name) || "";
  const span = said.get("span") || "";
  form.elements.span.value = said.has("since") || said.has("until") ? "own" : span in SPANS ? span : "";
  form.querySelector(".more").open = ["did", "way", "case"].some((name) => said.has(name));
  ownTimes();
  return said.get("before") || "";
}

/** The address of what the form says. @param {string} [before] */
function toAddress(before) {
  const said = new URLSearchParams();
  for (const name of FIELDS) if (form.elements[name].value.trim()) said.set(name, form.elements[name].value.trim());
  const span = form.elements.span.value;
  if (span === "own") for (const name of ["since", "until"]) form.elements[name].value && said.set(name, form.elements[name].value);
  else if (span) said.set("span", span);
  if (before) said.set("before", before);
  return `/calls${said.size ? `?${said}` : ""}`;
}

/** The same as the API wants it: moments in seconds. @param {string} before */
function query(before) {
  const said = new URLSearchParams({ limit: String(PAGE) });
  for (const name of FIELDS) if (form.elements[name].value.trim()) said.set(name, form.elements[name].value.trim());
  const span = form.elements.span.value;
  if (span in SPANS) said.set("since", String(Math.floor(Date.now() / 1000 - SPANS[span])));
  for (const name of span === "own" ? ["since", "until"] : []) {
    const at = new Date(form.elements[name].value).getTime() / 1000;
    if (at) said.set(name, String(at));
  }
  if (before) said.set("before", before);
  return said;
}

async function show() {
  const before = fromAddress();
  const mine = (asked += 1);
  results.setAttribute("aria-busy", "true");
  form.querySelector(".form-error").textContent = "";
  try {
    const page = await ask("GET", `/calls?${query(before)}`);
    if (mine === asked) draw(page, before);
  } catch (error) {
    if (mine === asked) failed(error);
  }
  results.setAttribute("aria-busy", "false");
}

function failed(error) {
  if (error.status === 400) form.querySelector(".form-error").textContent = `${error.field.replace("query.", "")}: ${error.message}`;
  else notice(error.message, "bad");
}

function draw({ calls, next, reached }, before) {
  notice("");
  chosen = -1;
  byId("calls").replaceChildren(...calls.map(row));
  byId("no-calls").hidden = calls.length > 0;
  say(byId("no-calls"), reached ? `None back to ${moment(reached, Date.now() / 1000)}.` : before ? "No older ones." : "No such calls.");
  byId("newest").hidden = !before;
  byId("newest").href = toAddress();
  byId("older").hidden = !next;
  byId("older").href = toAddress(next);
  say(byId("older"), reached ? "Search further back" : "Older");
  const count = `${calls.length} call${calls.length === 1 ? "" : "s"}`;
  say(byId("found"), reached ? `${count}; searched back to ${moment(reached, Date.now() / 1000)}` : `${count}${next ? ", and older ones" : ""}`);
}

function row(call) {
  const day = new Date(call.at * 1000).toDateString() === new Date().toDateString() ? "" : `${moment(call.at, Date.now() / 1000).replace(/ \d\d:\d\d$/, "")} `;
  const name = call.name ? el("span", { class: "caller-name" }, call.name) : null;
  return el(
    "tr",
    { click: (event) => event.target.closest("a") || getSelection().toString() || location.assign(`/calls/${encodeURIComponent(call.id)}`) },
    el("td", { class: "when" }, day + clock(call.at)),
    el("td", { class: "who" }, el("a", { href: `/calls/${encodeURIComponent(call.id)}` }, whoCalled(call)), name),
    el("td", { class: "did number" }, phone(call.dialled)),
    el("td", { class: "what" }, verdictPill(call.verdict)),
    el("td", { class: "score number" }, call.score.toFixed(2)),
    el("td", { class: "why" }, ...reasons(call.reasons)),
    el("td", { class: "end" }, wentOn(call)),
  );
}

function ownTimes() {
  for (const field of form.querySelectorAll(".own")) field.hidden = form.elements.span.value !== "own";
}

/** @param {string} address */
function go(address) {
  if (address !== location.pathname + location.search) history.pushState(null, "", address);
  show();
}

function choose(place) {
  const links = byId("calls").querySelectorAll(".who a");
  chosen = Math.max(0, Math.min(links.length - 1, place));
  if (links[chosen]) links[chosen].focus();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  go(toAddress());
});
form.addEventListener("reset", () => setTimeout(() => go(toAddress())));
form.addEventListener("change", (event) => {
  ownTimes();
  const own = form.elements.span.value === "own" && event.target.name === "span";
  if (event.target.matches("select") && !own) go(toAddress());
});
for (const id of ["older", "newest"]) {
  byId(id).addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(byId(id).getAttribute("href"));
    scrollTo({ top: 0 });
    byId("main").focus();
  });
}
addEventListener("popstate", show);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
  const does = { "/": () => byId("number").focus(), j: () => choose(chosen + 1), k: () => choose(chosen - 1), n: () => byId("older").hidden || byId("older").click() }[event.key];
  if (!does) return;
  event.preventDefault();
  does();
});

shell();
const { signals } = await ask("GET", "/signals");
byId("signal").append(...signals.map(({ name }) => el("option", { value: name }, name.replaceAll("_", " "))));
await show();
