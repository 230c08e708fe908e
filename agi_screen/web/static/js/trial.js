// What a trial came to: who is treated how, the picture of scores, and the calls that differ.

import { byId, el, say, svg, verdictPill } from "./dom.js";
import { clock, moment, phone, whole } from "./format.js";
import { shown } from "./sliders.js";

const VERDICTS = ["allow", "challenge", "reject"];
const WORDS = { allow: "Allowed", challenge: "Challenged", reject: "Rejected" };
const WHO = [[1, "People"], [2, "Robots"], [0, "Not known"]];
const NAMES = ["not known", "a person", "a robot"];
const share = (part, all) => (all ? `${((100 * part) / all).toFixed(part && part / all < 0.0995 ? 2 : 1)} %` : "–");
const sum = (values) => values.reduce((a, b) => a + b, 0);

/** @param {any} trial */
export function showFigures(trial) {
  byId("figures").replaceChildren(...WHO.map(([code, title]) => figure(title, trial.moved[code])));
  say(byId("sum"), summary(trial));
}

function figure(title, moved) {
  const now = moved.map(sum);
  const tried = VERDICTS.map((_, at) => sum(moved.map((row) => row[at])));
  const all = sum(now);
  const rows = VERDICTS.map((verdict, at) => {
    const by = tried[at] - now[at];
    const change = by ? el("span", { class: "by", "data-sign": by > 0 ? "more" : "less" }, `${by > 0 ? "+" : "−"}${whole(Math.abs(by))}`) : el("span", { class: "by muted" }, "±0");
    return el("tr", {}, el("th", { scope: "row" }, verdictPill(verdict)), el("td", { class: "number" }, whole(now[at])), el("td", { class: "number strong" }, whole(tried[at])), el("td", { class: "number" }, change), el("td", { class: "number muted" }, share(tried[at], all)));
  });
  const head = el("tr", {}, ...["", "now", "tried", "difference", "share"].map((word) => el("th", { scope: "col", class: word ? "number" : null }, word || el("span", { class: "hidden-text" }, "Verdict"))));
  const bars = el("div", { class: "bars", "aria-hidden": "true" }, bar(now, all), bar(tried, all));
  return el("section", { class: "figure", "aria-label": title }, el("h3", {}, `${title} `, el("span", { class: "muted" }, whole(all))), bars, el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows)));
}

function bar(counts, all) {
  let x = 0;
  const parts = counts.map((count, at) => {
    const width = all ? (100 * count) / all : 0;
    x += width;
    return svg("rect", { x: x - width, y: 0, width, height: 10, class: `part-${VERDICTS[at]}` });
  });
  return svg("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none" }, svg("rect", { width: 100, height: 10, class: "part-none" }), ...parts);
}

function summary({ moved, changed }) {
  if (!changed) return "No call would be treated otherwise than now.";
  const stopped = (code) => sum(moved[code].map((row) => row[1] + row[2])) - sum(moved[code].slice(1).map(sum));
  const more = (count) => (count < 0 ? `${whole(-count)} fewer` : `${whole(count)} more`);
  return `${more(stopped(1))} calls of people and ${more(stopped(2))} of robots would be stopped (challenged or rejected).`;
}

/** @param {any} trial @param {string} level */
export function showScores(trial, level) {
  const at = ["normal", "elevated", "siege"].indexOf(level);
  const [unknown, people, robots] = trial.scores[at];
  const bins = people.length;
  const top = Math.max(1, ...[people, robots, unknown].map((row) => Math.max(...row.slice(1))));
  const y = (count) => 100 - (count ? 6 + (94 * Math.log1p(Math.min(count, top))) / Math.log1p(top) : 0);
  const wide = 600 / bins;
  const line = (row, name) => svg("path", { class: `line-${name}`, d: row.map((count, bin) => `${bin ? "L" : "M"}${(bin * wide).toFixed(1)} ${y(count).toFixed(1)}H${((bin + 1) * wide).toFixed(1)}`).join("") });
  const marks = ["challenge", "reject"].map((what) => {
    const x = Math.min(600, (shown(`policy.${level}.${what}`) / trial.bin) * wide);
    return svg("line", { x1: x, x2: x, y1: 0, y2: 100, class: `mark-${what}` });
  });
  const said = `Level ${level}: calls by score. People at a score under ${trial.bin}: ${whole(people[0])}; robots: ${whole(robots[0])}.`;
  byId("scores").replaceChildren(svg("svg", { viewBox: "0 0 600 100", preserveAspectRatio: "none", role: "img", "aria-label": said }, line(unknown, "unknown"), line(people, "person"), line(robots, "robot"), ...marks));
  byId("axis").replaceChildren(...[0, 5, 10, 15, 20, 25, 30].map((score) => el("span", {}, score)));
}

/** @param {any} trial @param {number} offset */
export function showCalls(trial, offset) {
  const now = Date.now() / 1000;
  byId("differ").replaceChildren(...trial.rows.map((row) => callRow(row, now)));
  byId("no-differ").hidden = trial.rows.length > 0;
  const last = offset + trial.rows.length;
  say(byId("paged"), trial.changed ? `${whole(offset + 1)} to ${whole(last)} of ${whole(trial.changed)}` : "");
  byId("newer").disabled = offset === 0;
  byId("older").disabled = last >= trial.changed;
}

const cell = (label, ...content) => el("td", { "data-label": label }, ...content);

function callRow(row, now) {
  const at = el("time", { datetime: new Date(row.started * 1000).toISOString(), title: moment(row.started, now) }, `${moment(row.started, now).replace(/ ?\d\d:\d\d$/, "")} ${clock(row.started)}`.trim());
  const scores = `${row.score_now.toFixed(2)} → ${row.score_tried.toFixed(2)}`;
  return el("tr", {}, cell("Time", at), cell("Caller", el("a", { href: `/calls/${encodeURIComponent(row.id)}` }, phone(row.caller) || "withheld")), cell("Who", NAMES[["unknown", "person", "robot"].indexOf(row.who)]), cell("Level", row.level), cell("Now", verdictPill(row.now)), cell("Tried", verdictPill(row.tried)), el("td", { "data-label": "Score", class: "number" }, scores), cell("Signals", row.signals.join(", ")));
}

export const verdictWords = WORDS;
