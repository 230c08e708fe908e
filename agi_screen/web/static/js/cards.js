// The cards of the live page: each shows one part of the picture.

import { el, svg, byId, glyph, say } from "./dom.js";
import { duration, moment, phone, whole } from "./format.js";

const ENDS = { passed: ["passed", "allow"], failed: ["failed", "reject"], hungup: ["hung up", "hungup"], elsewhere: ["not offered one", "divert"] };
const TOPS = { callers: "Callers", blocks: "Blocks of 10,000", areas: "Areas", trunks: "Trunks", dids: "Numbers dialled" };
const DOES = { free: "free", talking: "talking", ringing: "ringing", paused: "paused", gone: "away" };
const SHOWN = 6;
const LONG_WAIT = 300;
const LET_THROUGH = "calls let through unscreened";

/** @param {any} level @param {number} now */
export function showLevel(level, now) {
  const card = byId("level");
  if (card.dataset.level !== level.level) {
    card.dataset.level = level.level;
    const word = level.level[0].toUpperCase() + level.level.slice(1);
    byId("level-word").replaceChildren(glyph(level.level), word);
  }
  say(byId("level-since"), `since ${moment(level.since, now)}, ${duration(now - level.since)}`);
  const override = level.override;
  const until = override && override.until ? `, until ${moment(override.until, now)}` : "";
  const by = override ? ` Set by hand by ${override.by}${until}.` : "";
  say(byId("level-why"), `${level.why || "no attack seen"}${level.by ? ` (${level.by})` : ""}.${by}`);
}

/** @param {Record<string, number>} recent @param {{ captcha: number }} now */
export function showCaptcha(recent, now) {
  const asked = recent.passed + recent.failed + recent.hungup;
  say(byId("captcha-now"), whole(now.captcha));
  say(byId("captcha-rate"), asked ? `${Math.round((100 * recent.passed) / asked)} %` : "–");
  const names = Object.keys(ENDS);
  split(byId("captcha-split"), names.map((name) => ["end", name, recent[name]]));
  legend(byId("captcha-legend"), names.map((name) => ({ key: "end", name, shape: ENDS[name][1], word: ENDS[name][0], value: whole(recent[name]) })));
}

/** @param {HTMLElement} place @param {[string, string, number][]} shares */
function split(place, shares) {
  const bars = shares.filter(([, , count]) => count > 0);
  place.replaceChildren(
    ...bars.map(([key, name, count]) => {
      const bar = el("i", { [`data-${key}`]: name });
      bar.style.flexGrow = String(count);
      return bar;
    }),
  );
}

/** Glyph, word and figure of each. @param {HTMLElement} place @param {any[]} items */
export function legend(place, items) {
  if (place.children.length !== items.length) {
    place.replaceChildren(...items.map(({ key, name, shape, word }) => el("li", { [`data-${key}`]: name }, glyph(shape), `${word} `, el("b", {}))));
  }
  items.forEach(({ value }, i) => say(place.children[i].querySelector("b"), value));
}

/** @param {"callers" | "blocks"} name @param {any} counted */
export function showDistinct(name, { hour, today, minute, growth }) {
  say(byId(`${name}-hour`), whole(hour));
  const facts = byId(`${name}-facts`);
  if (!facts.children.length) facts.append(el("span", {}, el("b"), " today"), el("span", {}, el("b"), " new this minute"));
  const [all, fresh] = facts.querySelectorAll("b");
  say(all, whole(today));
  say(fresh, `+${whole(minute)}`);
  const points = [...growth, minute];
  spark(byId(`${name}-spark`), [...new Array(Math.max(0, 61 - points.length)).fill(0), ...points]);
}

function spark(place, values) {
  const key = values.join();
  if (place.dataset.key === key) return;
  place.dataset.key = key;
  const most = Math.max(4, ...values);
  const line = values.map((value, i) => `${((60 * i) / (values.length - 1)).toFixed(2)},${(29 - (27 * value) / most).toFixed(2)}`).join(" ");
  place.replaceChildren(svg("path", { d: `M0,30 L${line.replaceAll(" ", " L")} L60,30z` }), svg("polyline", { points: line }));
}

/** @param {{ problem: string, rows: any[] }} queues */
export function showQueues({ problem, rows }) {
  const place = byId("queues");
  const empty = problem || (rows.length ? "" : "Asterisk has no queues.");
  place.replaceChildren(...(empty ? [el("p", { class: "empty" }, empty)] : []), ...rows.map(queueCard));
}

function queueCard(queue) {
  const members = Object.entries(DOES).filter(([what]) => queue.members[what]);
  const crew = members.map(([what, word]) => el("span", {}, el("b", {}, queue.members[what]), ` ${word}`));
  return el(
    "article",
    { class: queue.longest >= LONG_WAIT ? "queue long" : "queue" },
    el(
      "div",
      { class: "queue-head" },
      el("h3", {}, queue.name),
      el("p", { class: "waiting" }, whole(queue.waiting), " ", el("small", {}, queue.waiting ? `waiting, longest ${duration(queue.longest)}` : "waiting")),
    ),
    el(
      "p",
      { class: "facts" },
      el("span", {}, el("b", {}, whole(queue.answered)), " answered", queue.answered ? ` after ${duration(queue.wait)}` : ""),
      el("span", {}, el("b", {}, whole(queue.abandoned)), " abandoned"),
    ),
    el("p", { class: "facts" }, ...(crew.length ? crew : ["no operators"])),
  );
}

/** @param {Record<string, any>} top */
export function showTop(top) {
  const place = byId("tops");
  if (!place.children.length) {
    place.append(...Object.entries(TOPS).map(([name, title]) => el("section", { "data-top": name }, el("h3", {}, title), el("ol", {}))));
  }
  for (const name of Object.keys(TOPS)) {
    const rows = top[name].rows.slice(0, SHOWN);
    const list = place.querySelector(`[data-top="${name}"] ol`);
    const most = Math.max(1, ...rows.map(([, calls]) => calls));
    list.replaceChildren(...(rows.length ? rows.map((row) => topRow(row, most)) : [el("li", { class: "muted" }, "none yet")]));
  }
}

function topRow([key, calls, stopped], most) {
  const [all, bad] = [el("i", { class: "bar" }), el("i", { class: "bar stopped" })];
  all.style.width = `${(100 * calls) / most}%`;
  bad.style.width = `${(100 * stopped) / most}%`;
  const words = `${whole(calls)} calls, ${whole(stopped)} stopped`;
  return el(
    "li",
    { class: "top-row", title: `${key}: ${words}` },
    all,
    bad,
    el("span", {}, phone(key)),
    el("b", {}, el("span", { "aria-hidden": "true" }, stopped ? `${whole(calls)} · ${whole(stopped)}` : whole(calls)), el("span", { class: "hidden-text" }, words)),
  );
}

/** How the parts of the daemon are; what is wrong stands on top of the page. @param {any} health @param {any} picture */
export function showHealth(health, { since, at, totals, now }) {
  const through = Object.values(health.let_through).reduce((sum, count) => sum + count, 0);
  const facts = [
    ["counted since", moment(since, at)],
    ["calls", whole(totals.allow + totals.challenge + totals.reject + totals.divert)],
    ["AGI sessions", whole(now.sessions)],
    ["calls followed", whole(now.followed)],
    ["AMI", health.ami.state.replaceAll("_", " ")],
    ["records", health.records],
    ["webhook", health.webhook],
    [LET_THROUGH, whole(through)],
  ];
  const place = byId("parts");
  if (!place.children.length) place.append(...facts.map(([name]) => el("span", {}, `${name} `, el("b"))));
  facts.forEach(([, value], i) => say(place.children[i].querySelector("b"), value));
  const wrong = [];
  if (!["up", "off"].includes(health.ami.state)) wrong.push(`AMI is ${health.ami.state.replaceAll("_", " ")}: ${health.ami.detail}`);
  if (health.records !== "ok") wrong.push(`Calls are not being written, they wait in memory. Records are ${health.records}`);
  return wrong;
}
