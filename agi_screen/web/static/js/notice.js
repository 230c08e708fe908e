// One line above a page, said aloud too.

import { byId, el } from "./dom.js";

/** @param {string} text @param {"bad" | "good" | "note"} [kind] */
export function notice(text, kind = "good") {
  byId("notices").replaceChildren(...(text ? [el("p", { class: "notice", "data-kind": kind }, text)] : []));
}

/** Does something, and says what went wrong. @param {() => Promise<any>} work */
export async function tried(work) {
  try {
    return await work();
  } catch (error) {
    notice(error.message, "bad");
    return null;
  }
}
