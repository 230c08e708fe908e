// Forms: sent by script, one at a time; what is wrong is said at its field, and aloud.

import { byId, el } from "./dom.js";
import { ApiError } from "./api.js";

/**
 * @param {string} id of the form; its `.form-error` is where an error without a field goes
 * @param {(values: Record<string, string>, form: HTMLFormElement) => Promise<void>} send
 */
export function onSubmit(id, send) {
  const form = byId(id);
  const button = form.querySelector("button[type=submit], button:not([type])");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clear(form);
    button.disabled = true;
    try {
      await send(Object.fromEntries(new FormData(form)), form);
    } catch (error) {
      wrong(form, error instanceof ApiError ? error.field : "", error.message);
    } finally {
      button.disabled = false;
    }
  });
  button.disabled = false; // a page's own: sent before this script was there, a password would go the browser's way
}

/** Says what is wrong, at the field where there is such a one. */
export function wrong(form, field, text) {
  const input = field && form.elements.namedItem(field);
  if (!(input instanceof HTMLElement)) {
    form.querySelector(".form-error").textContent = sentence(text);
    return;
  }
  const id = `${input.id}-wrong`;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", id);
  input.closest(".field").append(el("span", { class: "wrong", id, role: "alert" }, sentence(text)));
  input.focus();
}

function clear(form) {
  form.querySelector(".form-error").textContent = "";
  for (const said of form.querySelectorAll(".wrong")) said.remove();
  for (const input of form.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  }
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
