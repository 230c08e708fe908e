// What an admin may do with all that is kept about one caller: take it away as a file, or erase it.

import { ask } from "./api.js";
import { byId, el, say } from "./dom.js";
import { notice } from "./notice.js";

/** The two buttons. @param {{caller: string, kind: string}} call @param {string} shown */
export function dataActs(call, shown) {
  return [
    el("button", { type: "button", click: () => takeAway(call.caller) }, "Export data"),
    el("button", { type: "button", class: "danger", click: () => open(call.caller, shown) }, "Forget caller…"),
  ];
}

async function takeAway(number) {
  try {
    const found = await ask("POST", "/callers/export", { number });
    const url = URL.createObjectURL(new Blob([JSON.stringify(found, null, 2)], { type: "application/json" }));
    const link = el("a", { href: url, download: "caller.json" });
    document.body.append(link);
    link.click();
    link.remove();
    URL.revokeObjectURL(url);
  } catch (error) {
    notice(error.message, "bad");
  }
}

function open(number, shown) {
  const dialog = byId("forget-dialog");
  say(byId("forget-title"), `Forget ${shown}?`);
  byId("forget-form").reset();
  dialog.returnValue = "";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && forget(number), { once: true });
  dialog.showModal();
}

async function forget(number) {
  const lists = byId("forget-lists").checked;
  const reports = byId("forget-reports").checked;
  try {
    const done = await ask("POST", "/callers/forget", { number, lists, reports });
    byId("call").hidden = true;
    notice(`Forgotten: ${done.rows.calls || 0} calls and all that was known of the number. ${done.left.length ? `These files still name it: ${done.left.join(", ")}` : ""}`, done.left.length ? "bad" : "good");
  } catch (error) {
    notice(error.message, "bad");
  }
}
