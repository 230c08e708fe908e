// The first account, by the link that the daemon printed: what stands after # never reaches a server's log.

import { ask } from "./api.js";
import { byId } from "./dom.js";
import { onSubmit, wrong } from "./form.js";

const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname); // nor the browser's history

byId("no-link").hidden = token !== "";
byId("setup").hidden = token === "";

onSubmit("setup", async ({ name, password, again }, form) => {
  if (password !== again) return wrong(form, "again", "The two passwords differ");
  await ask("POST", "/setup", { token, name: name.trim(), password }, { login: false });
  location.replace("/");
});
