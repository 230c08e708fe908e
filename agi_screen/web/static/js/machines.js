// The machines that share their state: a row each, and one for all. The card is there only where there are others.

import { el, byId, levelPill } from "./dom.js";
import { duration, rate, whole } from "./format.js";

const STATES = { live: "live", stale: "no news for", gone: "gone for" };

/** @param {{ problem: string, rows: any[], total: any } | undefined} machines */
export function showMachines(machines) {
  const card = byId("machines");
  card.hidden = !machines;
  if (!machines) return;
  const problem = byId("machines-problem");
  problem.hidden = !machines.problem;
  problem.textContent = machines.problem;
  byId("machines-rows").replaceChildren(...machines.rows.map(row));
  byId("machines-total").replaceChildren(el("tr", {}, el("th", { scope: "row" }, "All"), el("td"), el("td"), ...figures(machines.total), el("td"), el("td"), el("td")));
}

function row(machine) {
  const state = machine.state === "live" ? STATES.live : `${STATES[machine.state]} ${duration(machine.age)}`;
  return el(
    "tr",
    { "data-state": machine.state },
    el("th", { scope: "row" }, machine.node),
    el("td", {}, state),
    el("td", {}, levelPill(machine.level)),
    ...figures(machine),
    el("td", {}, machine.ami),
    el("td", {}, machine.degraded.join(", ") || "nothing"),
    el("td", {}, machine.version),
  );
}

function figures({ calls, captcha, passed, asked, waiting, longest, unscreened }) {
  const all = Object.values(calls).reduce((sum, value) => sum + value, 0);
  const cells = [rate(all), rate(calls.reject || 0), whole(captcha), asked ? `${Math.round((100 * passed) / asked)} %` : "–"];
  const queue = waiting ? `${whole(waiting)}, ${duration(longest)}` : "0";
  return [...cells, queue, whole(unscreened)].map((text) => el("td", { class: "number" }, text));
}
