// The table of the newest calls.

import { el, byId, say, verdictPill } from "./dom.js";
import { clock, duration, phone } from "./format.js";

const MOST = 100;
const KINDS = { anonymous: "withheld", absent: "no number", invalid: "invalid number" };
const CAPTCHAS = { passed: "CAPTCHA passed", failed: "CAPTCHA failed", hungup: "hung up in the CAPTCHA" };
const ENDS = { talked: "talked", abandoned: "gave up in the queue", rejected: "rejected", hungup: "hung up" };

export class NewestCalls {
  constructor() {
    this.body = byId("calls");
    this.held = [];
    this.paused = false;
    byId("pause").addEventListener("click", () => this.turn());
  }

  /** @param {any[]} calls newest first @param {Map<string, any>} ended @param {boolean} whole */
  take(calls, ended, whole) {
    if (whole) {
      this.body.replaceChildren();
      this.held = [];
    }
    if (this.paused) this.held = [...calls, ...this.held].slice(0, MOST);
    else this.add(calls, !whole);
    for (const call of this.held) if (ended.has(call.id)) call.end = ended.get(call.id);
    for (const [id, end] of ended) {
      const cell = this.body.querySelector(`tr[data-id="${CSS.escape(id)}"] td.end`);
      if (cell) say(cell, wentOn({ ...JSON.parse(cell.dataset.call), end }));
    }
    say(byId("newest-held"), this.paused ? `paused, ${this.held.length} new` : "");
  }

  add(calls, fresh) {
    this.body.prepend(...calls.map((call) => row(call, fresh)));
    while (this.body.children.length > MOST) this.body.lastElementChild.remove();
    byId("no-calls").hidden = this.body.children.length > 0;
  }

  turn() {
    this.paused = !this.paused;
    const button = byId("pause");
    button.setAttribute("aria-pressed", String(this.paused));
    say(button, this.paused ? "Go on" : "Pause");
    if (!this.paused) {
      this.add(this.held, true);
      this.held = [];
      say(byId("newest-held"), "");
    }
  }
}

function row(call, fresh) {
  const who = call.caller ? phone(call.caller) : KINDS[call.kind] || call.kind;
  const told = { captcha: call.captcha, way: call.way, error: call.error, verdict: call.verdict };
  return el(
    "tr",
    { "data-id": call.id, class: fresh ? "fresh" : null },
    el("td", { class: "when number" }, clock(call.at)),
    el("td", { class: "who" }, el("a", { href: `/calls/${encodeURIComponent(call.id)}` }, who), call.name ? el("span", { class: "caller-name" }, call.name) : null),
    el("td", { class: "did number" }, phone(call.dialled)),
    el("td", { class: "what" }, verdictPill(call.verdict)),
    el("td", { class: "score number" }, call.score.toFixed(2)),
    el("td", { class: "why" }, ...reasons(call.reasons)),
    el("td", { class: "end", "data-call": JSON.stringify(told) }, wentOn(call)),
  );
}

/** `caller_rate:4.20;list` as words. @param {string} written */
function reasons(written) {
  return written
    .split(";")
    .filter(Boolean)
    .slice(0, 5)
    .map((part) => {
      const at = part.lastIndexOf(":");
      const points = at > 0 ? Number(part.slice(at + 1)) : NaN;
      if (Number.isNaN(points)) return el("span", {}, part.replaceAll("_", " "));
      return el("span", {}, `${part.slice(0, at).replaceAll("_", " ")} ${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(1)}`);
    });
}

function wentOn({ captcha, way, error, verdict, end }) {
  const said = [];
  if (captcha in CAPTCHAS) said.push(CAPTCHAS[captcha]);
  if (way) said.push(`→ ${way}`);
  if (error) said.push(error.replaceAll("_", " "));
  if (end && !(end.how === "rejected" && verdict === "reject") && !(end.how === "hungup" && captcha === "hungup")) {
    const waited = end.wait >= 1 ? `waited ${duration(end.wait)}, ` : "";
    said.push(waited + (ENDS[end.how] || end.how) + (end.talk >= 1 ? ` ${duration(end.talk)}` : ""));
  }
  return said.join(", ");
}
