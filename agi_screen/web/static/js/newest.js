// The table of the newest calls.

import { el, byId, say, verdictPill } from "./dom.js";
import { clock, phone } from "./format.js";
import { reasons, wentOn, whoCalled } from "./words.js";

const MOST = 100;

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
  const who = whoCalled(call);
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
