// What a call's fields mean, in words.

import { el } from "./dom.js";
import { duration, phone } from "./format.js";

export const KINDS = { anonymous: "withheld", absent: "no number", invalid: "invalid number" };
export const CAPTCHAS = { passed: "CAPTCHA passed", failed: "CAPTCHA failed", hungup: "hung up in the CAPTCHA" };
export const ERRORS = { captcha_limit: "no CAPTCHA: the caller's limit", captcha_full: "no CAPTCHA: too many in it" };
export const ENDS = { talked: "talked", abandoned: "gave up in the queue", rejected: "rejected", hungup: "hung up" };

/** @param {{caller: string, kind: string}} call */
export const whoCalled = (call) => (call.caller ? phone(call.caller) : KINDS[call.kind] || call.kind);

/** `caller_rate:4.20;list` as words. @param {string} written */
export function reasons(written) {
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

/** How a call went on after its verdict. @param {any} call */
export function wentOn({ captcha, way, error, verdict, end }) {
  const said = [];
  if (error) said.push(ERRORS[error] || error.replaceAll("_", " "));
  if (error && captcha === "hungup") said.push("hung up");
  else if (captcha in CAPTCHAS) said.push(CAPTCHAS[captcha]);
  if (way) said.push(`→ ${way.replaceAll("_", " ")}`);
  if (end && !(end.how === "rejected" && verdict === "reject") && !(end.how === "hungup" && captcha === "hungup")) {
    const waited = end.wait >= 1 ? `waited ${duration(end.wait)}, ` : "";
    said.push(waited + (ENDS[end.how] || end.how) + (end.talk >= 1 ? ` ${duration(end.talk)}` : ""));
  }
  return said.join(", ");
}
