// Why: each signal's share of the score as a bar, and where the thresholds stand.

import { byId, el, say, svg } from "./dom.js";

let watched = new ResizeObserver(() => {});

/** @param {any} whole */
export function showEvidence(whole) {
  const { call, evidence, conduct, thresholds, final } = whole;
  say(byId("level"), `level ${call.level}`);
  const most = Math.max(thresholds.reject * 1.15, call.score * 1.08, 1);
  const draw = () => byId("scale").replaceChildren(scale(call, thresholds, most, byId("scale").clientWidth));
  watched.disconnect();
  watched = new ResizeObserver(draw);
  watched.observe(byId("scale")); // draws at once

  const strongest = (list) => [...list].sort((a, b) => Math.abs(b.score) - Math.abs(a.score));
  const reach = Math.max(1, ...[...evidence, ...conduct].map((one) => Math.abs(one.score)));
  const items = strongest(evidence).map((one) => item(one, reach));
  if (conduct.length) items.push(el("li", {}, el("h3", {}, "In the CAPTCHA")), ...strongest(conduct).map((one) => item(one, reach)));
  if (!items.length) items.push(el("li", { class: "muted none" }, final ? "No signal was asked." : "No signal had anything to say."));
  byId("evidence").replaceChildren(...items);
  const capped = evidence.some((one) => one.weight !== null && one.points > 0 && Math.abs(one.weight * one.points - one.score) > 0.005);
  const notes = ["Weights and thresholds are those of now."];
  if (capped) notes.push("A score under weight × points was capped with its group, or the weight was another then.");
  say(byId("evidence-note"), notes.join(" "));
}

function scale(call, { challenge, reject }, most, width) {
  const x = (value) => (Math.max(0, Math.min(most, value)) / most) * width;
  const zone = (from, to, verdict) => svg("rect", { x: x(from), y: 26, width: Math.max(0, x(to) - x(from)), height: 10, fill: `var(--${verdict}-fill)`, opacity: 0.85 });
  const tick = (value, word, anchor) => svg("g", {}, svg("path", { d: `M${x(value)} 22v18`, stroke: "var(--text)", "stroke-width": 1.5 }), svg("text", { x: x(value), y: 56, "text-anchor": anchor }, `${word} ${value}`));
  const place = x(call.score);
  const said = `Score ${call.score.toFixed(2)}; challenged from ${challenge}, rejected from ${reject}`;
  const anchor = place < 30 ? "start" : place > width - 30 ? "end" : "middle";
  return svg(
    "svg",
    { class: "scale", viewBox: `0 0 ${width} 62`, role: "img", "aria-label": said },
    zone(0, challenge, "allow"),
    zone(challenge, reject, "challenge"),
    zone(reject, most, "reject"),
    tick(challenge, "challenge", x(challenge) < 40 ? "start" : "middle"),
    tick(reject, "reject", "end"),
    svg("path", { d: `M${place - 6} 17h12l-6 9z`, fill: "var(--text)" }),
    svg("text", { class: "score-text", x: place, y: 13, "text-anchor": anchor }, call.score.toFixed(2)),
  );
}

function item(one, reach) {
  const good = one.score < 0;
  const share = (Math.abs(one.score) / reach) * 100;
  const points = one.score ? `${good ? "−" : "+"}${Math.abs(one.score).toFixed(2)}` : "0";
  const bar = svg("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none" }, svg("rect", { width: share, height: 10, fill: `var(--${good ? "allow" : "reject"}-fill)` }));
  const group = one.group ? `${one.group}, weight ${one.weight} × ${one.points.toFixed(2)}` : "no signal of this name is configured now";
  return el(
    "li",
    { class: one.score ? null : "silent" },
    el("b", {}, one.signal.replaceAll("_", " ")),
    el("span", { class: "bar", "aria-hidden": "true" }, bar),
    el("span", { class: "points" }, points),
    el("span", { class: "reason" }, [one.reason, group].filter(Boolean).join(" · ")),
  );
}
