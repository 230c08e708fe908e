// The live page: the stream's picture, drawn once a second.

import { el, byId, say, verdictWord } from "./dom.js";
import { clock, duration, rate } from "./format.js";
import { LiveStream } from "./stream.js";
import { Picture } from "./picture.js";
import { RateChart } from "./chart.js";
import { NewestCalls } from "./newest.js";
import { showMachines } from "./machines.js";
import { shell, showConnection, showLevel as showShellLevel, toLogin } from "./shell.js";
import { legend, showCaptcha, showDistinct, showHealth, showLevel, showQueues, showTop } from "./cards.js";

const VERDICTS = ["allow", "challenge", "reject", "divert"];
const NOW_SECONDS = 5;
const ALOUD_MS = 30000;
const ASK_MS = 5000;

const picture = new Picture();
let span = "seconds";
let pointed = null;
let wrong = [];
let spokenAt = 0;
let askedAt = -ASK_MS;

shell({ polls: false });
const newest = new NewestCalls();
const chart = new RateChart(byId("chart"), VERDICTS, (index) => {
  pointed = index;
  showRates();
});
for (const button of document.querySelectorAll("[data-span]")) button.addEventListener("click", () => choose(button));

new LiveStream(take, connection);

function take(kind, parts) {
  const { calls, ended } = picture.take(kind, parts);
  newest.take(calls, ended, kind === "whole");
  if (!document.hidden) draw(parts);
}
document.addEventListener("visibilitychange", () => !document.hidden && picture.parts.at && draw(picture.parts));

/** Only what came anew. */
function draw(parts) {
  const all = picture.parts;
  showLevel(all.level, all.at);
  showShellLevel(all.level.level, all.mode);
  if (parts.recent || parts.now) showCaptcha(all.recent, all.now);
  if (parts.distinct) for (const name of ["callers", "blocks"]) showDistinct(name, all.distinct[name]);
  showMachines(all.machines);
  if (parts.queues) showQueues(all.queues);
  if (parts.top) showTop(all.top);
  wrong = showHealth(all.health, all);
  drawChart();
  notices("");
}

function drawChart() {
  const { times, values, width } = picture.bars(span, chart.most, VERDICTS.length);
  chart.show(times, values, width);
  showRates();
  if (performance.now() - spokenAt > ALOUD_MS) {
    spokenAt = performance.now();
    const now = picture.lately(60);
    const words = VERDICTS.map((name, i) => `${verdictWord(name).toLowerCase()} ${rate(now[i])}`).join(", ");
    byId("chart").setAttribute("aria-label", `Calls per second by verdict, mean of the last minute: ${words}`);
  }
}

/** The legend: what is under the pointer, else now. */
function showRates() {
  const now = picture.lately(NOW_SECONDS).slice(0, VERDICTS.length);
  say(byId("rate-now"), rate(now.reduce((sum, value) => sum + value, 0)));
  const under = pointed !== null && chart.times && chart.times[pointed] !== undefined;
  const shown = under ? chart.values.map((column) => column[pointed] || 0) : now;
  legend(byId("rate-legend"), VERDICTS.map((name, i) => ({ key: "verdict", name, shape: name, word: verdictWord(name), value: rate(shown[i]) })).concat(
    [{ key: "time", name: "time", shape: "", word: "", value: under ? `at ${clock(chart.times[pointed])}` : "now" }],
  ));
}

function choose(button) {
  span = button.dataset.span;
  for (const other of document.querySelectorAll("[data-span]")) other.setAttribute("aria-pressed", String(other === button));
  if (picture.parts.at) drawChart();
}

function connection(state, silentMs) {
  showConnection(state);
  document.body.classList.toggle("stale", state !== "live" && Boolean(picture.parts.at));
  if (state === "ended") toLogin();
  else if (state === "live") notices("");
  else {
    const since = picture.parts.at ? `What is shown is ${duration(silentMs / 1000)} old. ` : "";
    notices(`${since}No news from the daemon: trying again.`);
    if (state !== "stale") askWhoWeAre();
  }
}

/** A stream that is refused does not tell why: the session may be over. */
async function askWhoWeAre() {
  if (performance.now() - askedAt < ASK_MS) return;
  askedAt = performance.now();
  try {
    const response = await fetch("/api/v1/status");
    if (response.status === 401) toLogin();
  } catch {
    // the daemon is away: the stream is tried again anyway
  }
}

function notices(first) {
  const texts = first ? [first, ...wrong] : wrong;
  const place = byId("notices");
  if (place.dataset.said === texts.join("\n")) return;
  place.dataset.said = texts.join("\n");
  place.replaceChildren(...texts.map((text) => el("p", { class: "notice", "data-kind": "bad" }, text)));
}
