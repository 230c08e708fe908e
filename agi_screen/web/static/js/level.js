// The attack level: why it is as it is, and a person's word on it. Nothing is set before it is confirmed.

import { ask, me } from "./api.js";
import { el, levelPill } from "./dom.js";
import { duration, moment } from "./format.js";
import { toast } from "./toast.js";

const CHOICES = {
  auto: "automatic: the arrivals decide",
  normal: "normal",
  elevated: "elevated",
  siege: "siege: strangers are asked to press digits",
};
const TIMES = { "": "until somebody says otherwise", "30m": "30 minutes", "2h": "2 hours", "8h": "8 hours", "1d": "a day" };

/** @param {(level: string) => void} told the level that is in force after a change */
export async function openLevel(told) {
  const [mine, now] = await Promise.all([me(), ask("GET", "/level")]);
  const dialog = el("dialog", { "aria-labelledby": "level-dialog-title" });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  show(dialog, ...head(now), ...(mine.role === "viewer" ? [actions(button("Close", () => dialog.close()))] : [orderForm(dialog, now, told)]));
  dialog.showModal();
}

function show(dialog, ...parts) {
  dialog.replaceChildren(...parts);
  const first = dialog.querySelector("input:checked, button.primary");
  if (first && dialog.open) first.focus();
}

function head(now) {
  const by = now.by === "arrivals" ? "by the arrivals" : `by ${now.by}`;
  const until = now.override ? (now.override.until ? `, until ${moment(now.override.until, Date.now() / 1000)}` : ", until somebody says otherwise") : "";
  const since = now.since ? ` since ${moment(now.since, Date.now() / 1000)}` : "";
  return [
    el("h2", { id: "level-dialog-title" }, "Attack level ", levelPill(now.level)),
    el("p", { class: "muted" }, `${now.override ? "Set by hand" : "Automatic"}${since}, ${by}${until}${now.why ? `: ${now.why}` : "."}`),
  ];
}

const button = (text, click, kind) => el("button", { type: "button", class: kind, click }, text);
const actions = (...buttons) => el("div", { class: "doing" }, ...buttons);

function orderForm(dialog, now, told) {
  const chosen = now.override ? now.override.level : "auto";
  const radio = (level) => el("label", { class: "choice" }, el("input", { type: "radio", name: "level", value: level, checked: level === chosen }), CHOICES[level] + limits(now, level));
  const time = el("select", { name: "for_time", id: "level-for" }, ...Object.entries(TIMES).map(([value, text]) => el("option", { value, selected: value === "2h" }, text)));
  const set = el("div", {}, field("level-for", "For how long", time), field("level-reason", "Why", el("input", { name: "reason", id: "level-reason", maxlength: 80, autocomplete: "off" })));
  const form = el(
    "form",
    { novalidate: true },
    el("fieldset", { class: "field" }, el("legend", { class: "hidden-text" }, "Level"), ...Object.keys(CHOICES).map(radio)),
    set,
    actions(button("Cancel", () => dialog.close()), el("button", { type: "submit", class: "primary" }, "Go on")),
  );
  const auto = () => (set.hidden = new FormData(form).get("level") === "auto");
  form.addEventListener("change", auto);
  auto();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const order = Object.fromEntries(new FormData(form));
    if (order.level === "auto") Object.assign(order, { for_time: "", reason: "" });
    confirm(dialog, now, order, told, () => show(dialog, ...head(now), form));
  });
  return form;
}

const field = (id, text, input) => el("div", { class: "field" }, el("label", { for: id }, text), input);

function limits(now, level) {
  const at = now.thresholds[level];
  return at ? ` (challenged from ${at.challenge}, rejected from ${at.reject})` : "";
}

function confirm(dialog, now, order, told, back) {
  const what = order.level === "auto" ? "Give the level back to the arrivals?" : `Set the attack level to ${order.level}, ${order.for_time ? `for ${TIMES[order.for_time]}` : TIMES[""]}?`;
  const means = order.level === "auto" ? "From then on it follows the calls that come." : `From the next call on, callers are challenged from ${now.thresholds[order.level].challenge} points and rejected from ${now.thresholds[order.level].reject}. It is announced by AMI and webhook.`;
  const error = el("p", { class: "form-error", role: "alert" });
  const yes = button(order.level === "auto" ? "Make it automatic" : `Set ${order.level}`, () => send(yes), "primary");
  async function send() {
    yes.disabled = true;
    try {
      await set(order, told);
      dialog.close();
      toast(order.level === "auto" ? "The level is automatic again." : `The level is ${order.level}.`, () => undo(now, told));
    } catch (problem) {
      error.textContent = problem.message;
      yes.disabled = false;
    }
  }
  show(dialog, el("h2", { id: "level-dialog-title" }, what), el("p", { class: "muted" }, means), error, actions(button("Back", back), yes));
}

async function set(order, told) {
  const after = await ask("POST", "/level", order);
  told(after.level);
  if (after.not_kept) toast(`A restart will not know of it: ${after.not_kept}`);
}

/** The order that was in force before, for the time it had left. */
async function undo(before, told) {
  const old = before.override;
  const left = old && old.until ? Math.max(1, Math.round(old.until - Date.now() / 1000)) : 0;
  await set(old ? { level: old.level, for_time: left ? `${left}s` : "", reason: old.why.slice(0, 80) } : { level: "auto" }, told);
  return old ? `${old.level} again${left ? `, for ${duration(left)}` : ""}.` : "The level is automatic again.";
}
