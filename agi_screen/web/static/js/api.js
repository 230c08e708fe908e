// What pages ask of the API: JSON there and back, the CSRF token with every change, and plain words for errors.

import { toLogin } from "./shell.js";

/** An answer that is none: which field, and the mend. */
export class ApiError extends Error {
  constructor(status, error) {
    super(error.mend);
    this.status = status;
    this.field = (error.field || "").replace(/^body\./, "");
  }
}

let csrf = "";

/** Who is logged in. @returns {Promise<{name: string, role: string, csrf: string, masked: boolean}>} */
export async function me() {
  const found = await ask("GET", "/session");
  csrf = found.csrf;
  return found;
}

/**
 * @param {"GET" | "POST" | "PUT" | "DELETE"} method
 * @param {string} path counted from /api/v1
 * @param {object} [body]
 * @param {{login?: boolean}} [how] login: false where a 401 is the page's own business
 */
export async function ask(method, path, body, { login = true } = {}) {
  if (method !== "GET" && !csrf && login) await me();
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (csrf && method !== "GET") headers["X-CSRF-Token"] = csrf;
  const response = await reached(`/api/v1${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  if (response.status === 401 && login) {
    toLogin();
    return new Promise(() => {}); // the page is left
  }
  const said = await response.json().catch(() => ({ error: { field: "", mend: `the desk answered ${response.status}` } }));
  if (!response.ok) throw new ApiError(response.status, said.error);
  if (typeof said.csrf === "string") csrf = said.csrf;
  return said;
}

async function reached(url, options) {
  try {
    return await fetch(url, options);
  } catch {
    throw new ApiError(0, { field: "", mend: "the desk cannot be reached: is the daemon running?" });
  }
}
