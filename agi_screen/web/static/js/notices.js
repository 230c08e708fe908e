// Errors and news at the head of a page.

import { byId, el } from "./dom.js";

/** @param {string} text empty takes it away @param {"bad" | "good" | "warn"} [kind] */
export function notice(text, kind = "bad") {
  byId("notices").replaceChildren(...(text ? [el("p", { class: "notice", "data-kind": kind }, text)] : []));
}
