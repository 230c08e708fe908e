// Accounts and tokens; for an admin all of them and the audit log, for others their own password.

import { ask, me } from "./api.js";
import { byId, el } from "./dom.js";
import { onSubmit, wrong } from "./form.js";
import { shell } from "./shell.js";

const WHEN = new Intl.DateTimeFormat([], { dateStyle: "medium", timeStyle: "short" });
const when = (seconds) => (seconds ? WHEN.format(seconds * 1000) : "never");
const ROLES = ["viewer", "operator", "admin"];
const PAGE = 50;
const NEWEST = null;

let mine = { name: "", role: "" };
let below = NEWEST;

/** @param {string} text @param {"bad" | "good"} [kind] */
function notice(text, kind = "good") {
  byId("notices").replaceChildren(el("p", { class: "notice", "data-kind": kind }, text));
}

/** `label` is what a narrow screen says in place of the column's head. */
const cell = (label, content) => el("td", { "data-label": label }, content);

/** Asks first, in the page's own dialog. @returns {Promise<boolean>} */
function sure(text, word) {
  const dialog = byId("sure");
  byId("sure-text").textContent = text;
  byId("sure-yes").textContent = word;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}

async function tried(work, said) {
  byId("token-made").hidden = true;
  try {
    await work();
    notice(said);
  } catch (error) {
    notice(error.message, "bad");
  }
  await refresh();
}

async function refresh() {
  const [{ accounts }, { tokens }] = await Promise.all([ask("GET", "/accounts"), ask("GET", "/tokens")]);
  byId("accounts").replaceChildren(...accounts.map(accountRow));
  byId("tokens").replaceChildren(...tokens.map(tokenRow));
  byId("no-tokens").hidden = tokens.length > 0;
  below = NEWEST;
  byId("audit").replaceChildren();
  await moreAudit();
}

function accountRow({ name, role, added }) {
  const path = `/accounts/${encodeURIComponent(name)}`;
  const change = (event) => tried(() => ask("PUT", `${path}/role`, { role: event.target.value }), `${name} is ${event.target.value} now.`);
  const select = el("select", { "aria-label": `Role of ${name}`, change }, ...ROLES.map((one) => el("option", { value: one, selected: one === role }, one)));
  const remove = async () => {
    if (await sure(`Remove ${name}? All its sessions end at once.`, "Remove")) await tried(() => ask("DELETE", path), `${name} is removed.`);
  };
  const password = el("button", { type: "button", "aria-label": `New password for ${name}`, click: () => askPassword(name) }, "New password");
  const gone = el("button", { type: "button", class: "danger", "aria-label": `Remove ${name}`, click: remove }, "Remove");
  const me = name === mine.name ? el("span", { class: "muted" }, " (you)") : null;
  return el("tr", {}, el("th", { scope: "row" }, name, me), cell("Role", select), cell("Added", when(added)), cell("", el("div", { class: "doing" }, password, gone)));
}

function tokenRow({ name, role, made_by: by, expires, used }) {
  const revoke = async () => {
    const text = `Revoke the token ${name}? The program that uses it is refused from then on.`;
    if (await sure(text, "Revoke")) await tried(() => ask("DELETE", `/tokens/${encodeURIComponent(name)}`), `${name} is revoked.`);
  };
  const gone = el("button", { type: "button", class: "danger", "aria-label": `Revoke ${name}`, click: revoke }, "Revoke");
  const over = expires && expires * 1000 <= Date.now() ? " (over)" : "";
  const cells = [cell("Role", role), cell("Made by", by), cell("Ends", when(expires) + over), cell("Last used", when(used))];
  return el("tr", {}, el("th", { scope: "row" }, name), ...cells, cell("", el("div", { class: "doing" }, gone)));
}

function askPassword(name) {
  const dialog = byId("password-dialog");
  byId("given-form").reset();
  byId("given-form").dataset.name = name;
  byId("given-name").value = name;
  byId("given-title").textContent = `New password for ${name}`;
  dialog.showModal();
}

async function moreAudit() {
  const { lines } = await ask("GET", `/audit?limit=${PAGE}${below === NEWEST ? "" : `&below=${below}`}`);
  byId("audit").append(...lines.map(auditRow));
  byId("more").hidden = lines.length < PAGE;
  if (lines.length) below = lines[lines.length - 1].n;
}

function auditRow({ at, who, address, what, before, after }) {
  const change = before && after ? `${before} → ${after}` : after || before;
  return el("tr", {}, cell("When", when(at)), cell("Who", who), cell("From", address), cell("What", what), cell("Change", change));
}

onSubmit("mine-form", async ({ old, password, again }, form) => {
  if (password !== again) return wrong(form, "again", "The two passwords differ");
  try {
    await ask("PUT", "/session/password", { old, password }, { login: false });
  } catch (error) {
    if (error.status === 401) Object.assign(error, { field: "old", message: "this is not your password so far" });
    throw error;
  }
  form.reset();
  notice("Your password is changed; you are logged out everywhere else.");
});

onSubmit("account-form", async ({ name, role, password }, form) => {
  await ask("POST", "/accounts", { name: name.trim(), role, password });
  form.reset();
  notice(`${name.trim()} may come in now.`);
  await refresh();
});

onSubmit("token-form", async ({ name, role, days }, form) => {
  const expires = days ? Date.now() / 1000 + Number(days) * 86400 : 0;
  const { token } = await ask("POST", "/tokens", { name: name.trim(), role, expires });
  form.reset();
  await refresh();
  byId("token-made").hidden = false;
  byId("token-text").value = token;
  byId("token-text").focus();
  byId("token-text").select();
});

onSubmit("given-form", async ({ password }, form) => {
  const name = form.dataset.name;
  await ask("PUT", `/accounts/${encodeURIComponent(name)}/password`, { password });
  byId("password-dialog").close();
  notice(`${name} has a new password; all sessions of ${name} are over.`);
});

byId("log-out").addEventListener("click", async () => {
  await ask("DELETE", "/session");
  location.replace("/login");
});
byId("more").addEventListener("click", moreAudit);
byId("given-cancel").addEventListener("click", () => byId("password-dialog").close());

shell();
mine = await me();
byId("mine-name").value = mine.name;
byId("who").textContent = `${mine.name}, ${mine.role}`;
if (mine.role === "admin") {
  await refresh();
  byId("for-admins").hidden = false;
}
