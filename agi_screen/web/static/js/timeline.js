// A call as a line of moments. What the records hold is shown at its time; what they do not hold is not made up.

import { el, glyph } from "./dom.js";
import { clock, duration, phone } from "./format.js";
import { CAPTCHAS, ERRORS } from "./words.js";

const VERDICTS = { allow: "Allowed", challenge: "Challenged: a CAPTCHA", reject: "Rejected", divert: "Diverted" };
const TONES = { allow: "good", challenge: "warn", reject: "bad", divert: "divert" };
const ANSWERS = { passed: "right", right: "right", wrong: "wrong", silent: "no key", hungup: "hung up", failed: "wrong" };
const ENDS = { talked: "Hung up after the talk", abandoned: "Gave up in the queue", rejected: "Rejected", hungup: "Hung up" };
const CAUSES = { 16: "normal clearing", 17: "busy", 19: "no answer", 21: "rejected", 31: "normal", 34: "no circuit", 38: "network out of order" };

/** @typedef {{ at: number | null, tone?: string, shape: string, title: string, text?: any, lasts?: number }} Step */

/** @param {any} whole @returns {HTMLElement[]} */
export function timeline(whole) {
  const { call } = whole;
  const shown = steps(whole);
  return shown.map((step, place) => drawn(step, place, call.at));
}

/** @returns {Step[]} */
function steps(whole) {
  const { call } = whole;
  const decided = call.at + whole.decide_us / 1e6;
  const captcha = call.captcha in CAPTCHAS;
  const found = [
    { at: call.at, shape: "ring", title: "The call comes in", text: `to ${phone(call.dialled)}${call.trunk ? `, through ${call.trunk}` : ""}` },
    { at: decided, tone: TONES[call.verdict], shape: call.verdict, title: VERDICTS[call.verdict] || call.verdict, text: verdictText(whole) },
  ];
  if (captcha) found.push({ at: decided, tone: { passed: "good", failed: "bad" }[call.captcha] || "warn", shape: call.captcha === "passed" ? "allow" : call.captcha === "failed" ? "reject" : "hungup", title: CAPTCHAS[call.captcha], text: questions(whole.asked), lasts: call.captcha_time });
  if (call.error) found.push({ at: null, tone: "warn", shape: "elevated", title: ERRORS[call.error] || call.error.replaceAll("_", " ") });
  if (call.told !== call.verdict || call.way) found.push({ at: decided + call.captcha_time, tone: TONES[call.told], shape: call.told, title: `The dialplan is told: ${call.told}${call.way ? `, way on ${call.way.replaceAll("_", " ")}` : ""}` });
  return [...found, ...endSteps(call)];
}

function verdictText({ call, thresholds, final }) {
  if (final) return `because of ${final.replaceAll("_", " ")}`;
  return `score ${call.score.toFixed(2)} at level ${call.level}: challenged from ${thresholds.challenge}, rejected from ${thresholds.reject}`;
}

/** `sum_of_two:wrong` and so on. @param {string[]} asked */
function questions(asked) {
  if (!asked.length) return "";
  const items = asked.map((one) => {
    const [kind, how = ""] = one.split(":");
    return el("li", {}, `${kind.replaceAll("_", " ")}: ${ANSWERS[how] || how}`);
  });
  return el("ol", { "aria-label": "Questions" }, ...items);
}

/** Backwards from the hang-up: the talk stands before it, the wait before the talk. */
function endSteps({ end, captcha, verdict }) {
  if (!end) return verdict === "reject" || captcha === "hungup" ? [] : [{ at: null, shape: "hungup", title: "The end is not known", text: "the call may be going on, or AMI was not there to tell" }];
  const found = [];
  const talked = end.how === "talked";
  const talkFrom = end.ended - (talked ? end.talk : 0);
  if (end.queue || end.wait) found.push({ at: talkFrom - end.wait, shape: "hungup", title: `Waits${end.queue ? ` in the queue ${end.queue}` : ""}`, lasts: end.wait });
  if (talked) found.push({ at: talkFrom, tone: "good", shape: "allow", title: `Talks${end.operator ? ` with ${end.operator}` : ""}`, lasts: end.talk });
  const cause = end.cause ? `cause ${end.cause}${CAUSES[end.cause] ? `, ${CAUSES[end.cause]}` : ""}` : "";
  found.push({ at: end.ended, tone: { rejected: "bad", abandoned: "warn" }[end.how], shape: "hungup", title: ENDS[end.how] || end.how, text: cause });
  return found;
}

function drawn(step, place, started) {
  const after = step.at === null ? "" : place && step.at - started >= 0.05 ? `+${sinceStart(step.at - started)}` : "";
  const time = el("time", step.at === null ? {} : { datetime: new Date(step.at * 1000).toISOString() }, step.at === null ? "" : clock(step.at), after ? el("small", {}, after) : null);
  const lasts = step.lasts >= 0.5 ? ` · ${duration(step.lasts)}` : "";
  const text = step.text instanceof Node ? step.text : step.text ? el("p", {}, step.text) : null;
  return el("li", { "data-tone": step.tone, "data-lasts": step.lasts >= 0.5 }, time, el("div", {}, el("span", { class: "dot" }, glyph(step.shape)), el("h3", {}, step.title + lasts), text));
}

const sinceStart = (seconds) => (seconds < 10 ? `${seconds.toFixed(1)} s` : duration(seconds));
