// Investigations and simulations: started here, watched, and opened when they are done.

import { ask, me } from "./api.js";
import { byId, el } from "./dom.js";
import { onSubmit } from "./form.js";
import { duration, moment, whole } from "./format.js";
import { notice, tried } from "./notice.js";
import { shell } from "./shell.js";

const WATCH_MS = 1000;
const KINDS = { investigation: "Investigation", simulation: "Simulation" };
const STATES = { waiting: "waits for its turn", running: "under way", done: "done", failed: "failed", cancelled: "cancelled" };
const OPEN = ["waiting", "running"];

let mine = { role: "", masked: false };
let watching = 0;
let drawn = "";

async function refresh() {
  const { reports, scenarios } = await ask("GET", "/reports");
  if (!byId("scenario").length) byId("scenario").append(...scenarios.map(({ name, title }) => el("option", { value: name, selected: name === "mnsure" }, title)));
  draw(reports);
  clearTimeout(watching);
  if (reports.some(({ state }) => OPEN.includes(state))) watching = setTimeout(() => refresh().catch(lost), WATCH_MS);
}

function lost(error) {
  notice(error.message, "bad");
  watching = setTimeout(() => refresh().then(() => notice("")).catch(lost), 3 * WATCH_MS);
}

/** Only where something changed other than a bar: who tabs through the list keeps the place. */
function draw(reports) {
  const shape = JSON.stringify(reports.map(({ id, state }) => [id, state]));
  if (shape !== drawn) {
    drawn = shape;
    byId("reports").replaceChildren(...reports.map(item));
    byId("none").hidden = reports.length > 0;
  }
  for (const report of reports) step(report);
}

function item(report) {
  const { id, kind, what, who, asked, began, ended, state, error } = report;
  const now = Date.now() / 1000;
  const took = ended && began ? `, took ${duration(ended - began)}` : "";
  const facts = el("p", { class: "facts" }, el("span", { class: "state" }, STATES[state]), ` · by ${who}, ${moment(asked, now)}${took}`, el("span", { class: "steps" }));
  const bar = state === "running" ? el("progress", { "aria-label": `${KINDS[kind]}: ${what}` }) : null;
  const wrong = error ? el("p", { class: "wrong" }, error) : null;
  return el("li", { class: "report", "data-id": id }, el("div", {}, el("h3", {}, `${KINDS[kind]}: ${what}`), facts), el("div", { class: "doing" }, ...buttons(report)), bar, wrong);
}

function buttons({ id, kind, what, state, masked }) {
  const path = `/api/v1/reports/${id}`;
  if (OPEN.includes(state)) return [el("button", { type: "button", "aria-label": `Cancel ${what}`, click: () => change("POST", `/reports/${id}/cancel`) }, "Cancel")];
  const found = [];
  if (state === "done" && (!mine.masked || masked)) {
    found.push(el("a", { class: "button primary", href: `${path}/page`, target: "_blank", rel: "noopener", "aria-label": `Open ${what}` }, "Open"));
    if (!mine.masked || kind === "simulation") found.push(el("a", { class: "button", href: `${path}/pack`, download: "", "aria-label": `Download ${what}` }, "Download"));
  }
  const remove = async () => (await sure(`Delete this report with its files? ${what}`)) && change("DELETE", `/reports/${id}`);
  return [...found, el("button", { type: "button", class: "danger", "aria-label": `Delete ${what}`, click: remove }, "Delete")];
}

function step({ id, done, total, state }) {
  const row = byId("reports").querySelector(`[data-id="${id}"]`);
  const bar = row.querySelector("progress");
  if (!bar) return;
  if (total) Object.assign(bar, { max: total, value: done });
  row.querySelector(".steps").textContent = total && state === "running" ? ` · ${whole(done)} of ${whole(total)}` : "";
}

async function change(method, path) {
  await tried(() => ask(method, path));
  await refresh();
}

function sure(text) {
  const dialog = byId("sure");
  byId("sure-text").textContent = text;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}

const seconds = (value) => new Date(value).getTime() / 1000;
const local = (date) => new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);

onSubmit("investigation", async ({ since, until, title, mask }) => {
  if (!(seconds(since) < seconds(until))) throw new Error("Write a begin and an end, the begin first");
  await ask("POST", "/reports", { kind: "investigation", since: seconds(since), until: seconds(until), title, mask: mask === "on" });
  await refresh();
});

onSubmit("simulation", async ({ scenario, seeds, own, compare }) => {
  await ask("POST", "/reports", { kind: "simulation", scenario, seeds: Number(seeds), own: own === "on", compare: compare === "on" });
  await refresh();
});

shell();
mine = await me();
byId("since").value = local(new Date(Date.now() - 86400000));
byId("until").value = local(new Date());
if (mine.masked) Object.assign(byId("mask"), { checked: true, disabled: true });
if (mine.role === "viewer") notice("Reports need the role operator.", "note");
else await tried(refresh);
