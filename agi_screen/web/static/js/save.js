// A change of the settings file: first what it would do, then, when somebody said yes, done.

import { ask } from "./api.js";
import { el } from "./dom.js";

/** @param {string} text a unified diff @returns {HTMLElement} */
export function diffBlock(text) {
  const kind = (line) => (/^(\+\+\+|---|@@)/.test(line) ? "head" : line[0] === "+" ? "in" : line[0] === "-" ? "out" : null);
  const lines = text.split("\n").filter((line, at, all) => line || at < all.length - 1);
  if (!text) return el("p", { class: "muted" }, "The file stays as it is.");
  return el("pre", { class: "diff", tabindex: 0, role: "region", "aria-label": "The change of the file" }, ...lines.map((line) => el("span", { "data-kind": kind(line) }, `${line}\n`)));
}

/**
 * @param {string} title
 * @param {() => Promise<{base: string, diff: string, problems: string[], waits: string[]}>} preview
 * @param {(base: string) => Promise<any>} apply
 * @param {string} [word] of the button
 * @returns {Promise<{waiting: string[], not_applied: string} | null>} null when it was left
 */
export async function confirmed(title, preview, apply, word = "Save") {
  const trial = await preview();
  const wrong = el("p", { class: "form-error", role: "alert" }, trial.problems.join("\n"));
  const yes = el("button", { type: "button", class: "primary", disabled: trial.problems.length > 0 || !trial.diff }, word);
  const no = el("button", { type: "button" }, "Cancel");
  const waits = trial.waits.length ? el("p", { class: "notice" }, `Waits for \`agi-screen restart\`: ${trial.waits.join(", ")}.`) : null;
  const dialog = el("dialog", { class: "wide", "aria-labelledby": "save-title" }, el("h2", { id: "save-title" }, title), diffBlock(trial.diff), waits, wrong, el("div", { class: "doing" }, no, yes));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((done) => {
    let said = null;
    dialog.addEventListener("close", () => (dialog.remove(), done(said)), { once: true });
    no.addEventListener("click", () => dialog.close());
    yes.addEventListener("click", async () => {
      yes.disabled = true;
      try {
        said = await apply(trial.base);
        dialog.close();
      } catch (error) {
        wrong.textContent = error.status === 409 ? "The file was changed meanwhile, by somebody else or by hand. Close this, and look again." : error.message;
      }
    });
  });
}

/** @param {Record<string, any>} changes */
export const saveChanges = (changes) =>
  confirmed("Save these changes?", () => ask("POST", "/settings/preview", { changes }), (base) => ask("PUT", "/settings", { changes, base }));

/** @param {number} n of the history */
export const undoChange = (n) =>
  confirmed("Take the file back to what it was before this change?", () => ask("GET", `/settings/rollback?n=${n}`), (base) => ask("POST", "/settings/rollback", { n, base }), "Take back");

/** What to say after it. */
export function toldOf({ waiting, not_applied: fault }) {
  if (fault) return { text: `Written, but the daemon did not take the file: ${fault}`, kind: "bad" };
  const restart = waiting.length ? ` Waiting for \`agi-screen restart\`: ${waiting.join(", ")}.` : "";
  return { text: `Saved, and in force.${restart}`, kind: "good" };
}
