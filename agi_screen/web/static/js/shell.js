// The head of every page: where one is, how the daemon is, light or dark.

import { el, svg, byId, levelPill, say } from "./dom.js";
import { openLevel } from "./level.js";

const PAGES = [
  ["live", "/", "Live"],
  ["calls", "/calls", "Calls"],
  ["lists", "/lists", "Lists"],
  ["tuning", "/tuning", "Tuning"],
  ["reports", "/reports", "Reports"],
  ["settings", "/settings", "Settings"],
  ["accounts", "/accounts", "Accounts"],
];
const STATES = {
  live: "live",
  connecting: "connecting…",
  stale: "no news",
  lost: "connection lost",
  ended: "logged out",
};
const MODES = { monitor: "monitor: nobody is stopped", off: "screening is off" };
const STATUS_MS = 10000;

/** Draws the head. A page that has no stream of its own is told level and mode now and then. */
export function shell({ polls = true } = {}) {
  const here = document.body.dataset.page;
  const links = PAGES.map(([name, href, text]) => el("li", {}, el("a", { href, "aria-current": name === here ? "page" : null }, text)));
  byId("shell").append(
    el(
      "div",
      { class: "shell-in" },
      el("a", { class: "brand", href: "/", "aria-label": "agi-screen" }, mark(), el("span", {}, "agi-screen")),
      el("nav", { "aria-label": "Pages" }, el("ul", {}, ...links)),
      el(
        "div",
        { class: "shell-state" },
        el("span", { id: "shell-mode", class: "pill", hidden: true }),
        el("span", { id: "shell-level", role: "status" }),
        el("span", { id: "connection", class: "connection", role: "status", "data-state": "connecting" }, el("span", { class: "word" }, "")),
        themeButton(),
      ),
    ),
  );
  if (polls) {
    poll();
    setInterval(poll, STATUS_MS);
  }
}

/** @param {string} level @param {string} mode */
export function showLevel(level, mode) {
  const place = byId("shell-level");
  if (place.dataset.now !== level) {
    place.dataset.now = level;
    const focused = place.contains(document.activeElement);
    place.replaceChildren(el("button", { type: "button", class: "level-button", "aria-haspopup": "dialog", "aria-label": `Attack level: ${level}. Show or change`, click: () => openLevel((now) => showLevel(now, mode)) }, levelPill(level)));
    if (focused) place.firstChild.focus();
  }
  const pill = byId("shell-mode");
  pill.hidden = !(mode in MODES);
  say(pill, MODES[mode] || "");
}

/** @param {"live" | "connecting" | "stale" | "lost" | "ended"} state */
export function showConnection(state) {
  const place = byId("connection");
  place.dataset.state = state;
  place.title = STATES[state];
  say(place.firstChild, STATES[state]);
}

async function poll() {
  try {
    const response = await fetch("/api/v1/status", { headers: { Accept: "application/json" } });
    if (response.status === 401) return void toLogin();
    const { status } = await response.json();
    showLevel(status.level, status.mode);
    showConnection("live");
  } catch {
    showConnection("lost");
  }
}

/** The log-in page, and back here after it. */
export function toLogin() {
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
}

const DARK = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme || (DARK.matches ? "dark" : "light")) === "dark";

function themeButton() {
  const icon = svg("svg", { viewBox: "0 0 24 24", width: 18, height: 18, "aria-hidden": "true" }, svg("circle", { cx: 12, cy: 12, r: 8.5, fill: "none", stroke: "currentColor", "stroke-width": 2 }), svg("path", { fill: "currentColor", d: "M12 3.5a8.5 8.5 0 0 1 0 17z" }));
  const name = () => (isDark() ? "Use light colours" : "Use dark colours");
  const button = el("button", { type: "button", class: "plain", "aria-label": name(), click: turn }, icon);
  function turn() {
    const theme = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("theme", theme);
    button.setAttribute("aria-label", name());
    dispatchEvent(new Event("themechange"));
  }
  DARK.addEventListener("change", () => dispatchEvent(new Event("themechange")));
  return button;
}

function mark() {
  return svg(
    "svg",
    { viewBox: "0 0 24 24", "aria-hidden": "true" },
    svg("path", { fill: "currentColor", d: "M12 1 3 4.5v6.6c0 5.4 3.8 9.7 9 11.9 5.2-2.2 9-6.5 9-11.9V4.5z" }),
    svg("path", { fill: "none", stroke: "var(--surface)", "stroke-width": 2.2, "stroke-linecap": "round", "stroke-linejoin": "round", d: "m7.5 12 3.2 3.2L16.7 9" }),
  );
}
