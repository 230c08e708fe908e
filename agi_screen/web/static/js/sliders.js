// Sliders with a number field each. Moving one changes nothing but what is shown.

import { byId, el } from "./dom.js";

const LEVELS = ["normal", "elevated", "siege"];

/**
 * @typedef {{key: string, name: string, value: number, default: number, comment: string}} Knob
 * @type {Map<string, {knob: Knob, range: HTMLInputElement, number: HTMLInputElement, row: HTMLElement}>}
 */
const knobs = new Map();
let moved = () => {};

/** @param {any[]} tables of the settings @param {{groups: Record<string, string>, seen: string[]}} sample @param {() => void} onMove */
export function draw(tables, sample, onMove) {
  moved = onMove;
  const kept = changes();
  knobs.clear();
  const keys = new Map(tables.flatMap((table) => table.keys.map((key) => [key.key, key])));
  byId("thresholds").replaceChildren(...LEVELS.map((level) => fieldset(`Level ${level}`, ["challenge", "reject"].map((what) => [keys.get(`policy.${level}.${what}`), what === "challenge" ? "challenged from" : "rejected from", 0.1, 30]))));
  const silent = [];
  const groups = new Map();
  for (const [signal, group] of Object.entries(sample.groups)) {
    const knob = keys.get(`signals.${signal}.weight`);
    if (!knob) continue;
    if (!sample.seen.includes(signal)) silent.push(signal);
    else groups.set(group, [...(groups.get(group) || []), [knob, signal, 0, 15]]);
  }
  byId("weights").replaceChildren(...[...groups].map(([group, rows]) => fieldset(`Group ${group}`, [...rows, [keys.get(`groups.${group}`), "most of the group", 0.1, 20]])));
  byId("silent").textContent = silent.length ? `Not seen in these calls, so their weights would change nothing here: ${silent.join(", ")}.` : "";
  for (const [key, value] of Object.entries(kept)) if (knobs.has(key)) set(key, value);
}

function fieldset(title, rows) {
  return el("fieldset", { class: "knobs" }, el("legend", {}, title), ...rows.filter(([knob]) => knob).map(row));
}

function row([knob, name, least, most]) {
  const top = Math.max(most, Math.ceil(knob.value * 1.5));
  const id = `knob-${knob.key}`;
  const shared = { min: least, max: top, step: 0.1, value: knob.value };
  const range = el("input", { type: "range", ...shared, "aria-label": `${knob.key}, slider`, input: () => set(knob.key, Number(range.value)) });
  const number = el("input", { type: "number", ...shared, id, max: null, inputmode: "decimal", input: () => number.value !== "" && set(knob.key, Number(number.value), true) });
  const back = el("button", { type: "button", class: "plain back", hidden: true, "aria-label": `${knob.key} back to ${knob.value}`, title: `Back to ${knob.value}`, click: () => set(knob.key, knob.value) }, "↺");
  const box = el("div", { class: "knob" }, el("label", { for: id, title: knob.comment || null }, name), range, number, back);
  knobs.set(knob.key, { knob, range, number, row: box });
  return box;
}

function set(key, value, typed = false) {
  const { knob, range, number, row: box } = knobs.get(key);
  range.value = String(value);
  if (!typed) number.value = String(value);
  box.classList.toggle("changed", value !== knob.value);
  box.querySelector(".back").hidden = value === knob.value;
  moved();
}

/** What differs from the settings in force. @returns {Record<string, number>} */
export function changes() {
  const found = {};
  for (const [key, { knob, number }] of knobs) {
    const value = Number(number.value);
    if (number.value !== "" && Number.isFinite(value) && value !== knob.value) found[key] = value;
  }
  return found;
}

export function reset() {
  for (const [key, { knob }] of knobs) set(key, knob.value);
}

/** The value that is shown now. @param {string} key */
export const shown = (key) => Number(knobs.get(key)?.number.value ?? NaN);
