// What was just done, said aloud, and for a while the way back.

import { el } from "./dom.js";

const UNDO_MS = 12000;
const PLAIN_MS = 5000;

let shown = null;
let timer = 0;

/**
 * @param {string} text
 * @param {() => Promise<string>} [undo] takes it back, and says so
 */
export function toast(text, undo) {
  close();
  const button = undo && el("button", { type: "button", click: () => takeBack(undo) }, "Undo");
  // The place is there before its text: so a screen reader tells it.
  shown = el("div", { class: "toast", role: "status" });
  document.body.append(shown);
  shown.append(el("span", {}, text), ...(button ? [button] : []));
  timer = setTimeout(close, undo ? UNDO_MS : PLAIN_MS);
  shown.addEventListener("focusin", () => clearTimeout(timer));
  shown.addEventListener("pointerenter", () => clearTimeout(timer));
  shown.addEventListener("pointerleave", () => (timer = setTimeout(close, PLAIN_MS)));
}

async function takeBack(undo) {
  close();
  try {
    toast(await undo());
  } catch (error) {
    toast(`Not undone: ${error.message}`);
  }
}

function close() {
  clearTimeout(timer);
  if (shown) shown.remove();
  shown = null;
}

document.addEventListener("keydown", (event) => event.key === "Escape" && close());
