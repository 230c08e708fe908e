// Log-in, and back to where one came from.

import { ask } from "./api.js";
import { byId } from "./dom.js";
import { onSubmit } from "./form.js";

/** A path of this desk alone: no other site can send anybody through here to itself. */
function next() {
  const wanted = new URLSearchParams(location.search).get("next") || "/";
  try {
    const url = new URL(wanted, location.origin);
    return url.origin === location.origin && !url.pathname.startsWith("/login") ? url.pathname + url.search : "/";
  } catch {
    return "/";
  }
}

onSubmit("login", async ({ name, password }) => {
  try {
    await ask("POST", "/session", { name: name.trim(), password }, { login: false });
    location.replace(next());
  } catch (error) {
    if (error.status === 401) error.field = ""; // neither field is called the wrong one
    byId("password").value = "";
    byId("password").focus();
    throw error;
  }
});

ask("GET", "/setup", undefined, { login: false }).then(
  ({ needed }) => (byId("no-account").hidden = !needed),
  (error) => (document.querySelector(".form-error").textContent = error.message),
);
