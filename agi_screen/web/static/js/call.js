// One call, from its ringing to its end, and what an operator makes of it.

import { ask, me } from "./api.js";
import { dataActs } from "./caller_data.js";
import { byId, el, glyph, say, verdictPill } from "./dom.js";
import { onSubmit } from "./form.js";
import { clock, moment, phone } from "./format.js";
import { showEvidence } from "./evidence.js";
import { notice } from "./notice.js";
import { shell } from "./shell.js";
import { timeline } from "./timeline.js";
import { toast } from "./toast.js";
import { wentOn, whoCalled } from "./words.js";

const ident = decodeURIComponent(location.pathname.split("/").pop());
const path = `/calls/${encodeURIComponent(ident)}`;
const WAIT_MS = 1500; // a call of this second is written a moment later
const LISTS = {
  allow: { word: "Allow", done: "is always let through", what: "This number is always let through, whatever it scores." },
  deny: { word: "Deny", done: "is always rejected", what: "This number is always rejected. Numbers are often forged: for how long should it hold?" },
};
const MARKS = { robot: ["Mark as robot", "Marked as robot"], person: ["Mark as person", "Marked as person"] };

let whole = null;
let mine = { role: "viewer" };
let wanted = "deny";

async function load() {
  try {
    whole = await ask("GET", path);
  } catch (error) {
    if (error.status !== 404) throw error;
    await new Promise((done) => setTimeout(done, WAIT_MS));
    whole = await ask("GET", path);
  }
}

function draw() {
  const { call } = whole;
  document.title = `${whoCalled(call)} · agi-screen`;
  byId("who").replaceChildren(whoCalled(call), ...(call.name ? [el("span", { class: "caller-name" }, `“${call.name}”`)] : []));
  const facts = [`to ${phone(call.dialled)}`, moment(call.at, Date.now() / 1000), `through ${call.trunk || "no trunk"}`, whole.case ? `case ${whole.case.slice(0, 4)} ${whole.case.slice(4)}` : ""];
  say(byId("facts"), facts.filter(Boolean).join(" · "));
  byId("timeline").replaceChildren(...timeline(whole));
  showEvidence(whole);
  drawKnown();
  drawActs();
  byId("call").hidden = false;
}

function drawActs() {
  const acts = [];
  if (mine.role !== "viewer") {
    const onList = (list) => whole.listed.some((entry) => entry.list === list && entry.kind === "number");
    if (whole.numbered) {
      for (const list of ["allow", "deny"]) {
        const verdict = list === "allow" ? "allow" : "reject";
        acts.push(el("button", { type: "button", "data-verdict": verdict, "aria-pressed": String(onList(list)), click: () => (onList(list) ? unlist(list) : openList(list)) }, glyph(verdict), onList(list) ? `On the ${list} list` : `${LISTS[list].word}…`));
      }
    }
    for (const label of ["robot", "person"]) {
      const on = whole.mark && whole.mark.label === label;
      acts.push(el("button", { type: "button", "data-verdict": label === "robot" ? "challenge" : "allow", "aria-pressed": String(Boolean(on)), click: () => mark(on ? null : label) }, MARKS[label][on ? 1 : 0]));
    }
  }
  if (mine.role === "admin" && whole.numbered) acts.push(...dataActs(whole.call, whoCalled(whole.call)));
  byId("acts").replaceChildren(...acts);
  byId("acts").hidden = !acts.length;
}

function drawKnown() {
  const { marks, listed, mark, call } = whole;
  const times = (count, word) => (count ? `${word} ${count === 1 ? "once" : `${count} times`}` : "");
  const rows = [
    ["Lists", listed.length ? listed.map((entry) => `${entry.list}: ${entry.value}${entry.reason ? `, ${entry.reason}` : ""}${entry.source ? ` (${entry.source})` : ""}`).join("; ") : "on none"],
    ["Marked", [times(marks.robot, "robot"), times(marks.person, "person")].filter(Boolean).join(", ") || "never"],
    ["This call", mark ? `${mark.label}, said ${mark.by}` : "not marked"],
    ["Number as sent", whole.raw || call.kind],
    ["Tampering", whole.tampering.join(", ")],
    ["Decided in", `${(whole.decide_us / 1000).toFixed(2)} ms`],
    ["Channel", whole.uniqueid],
  ];
  byId("known").replaceChildren(...rows.filter(([, text]) => text).flatMap(([name, text]) => [el("dt", {}, name), el("dd", {}, text)]));
  const earlier = whole.earlier.map((one) => el("li", {}, el("a", { href: `/calls/${encodeURIComponent(one.id)}` }, `${moment(one.at, call.at)}:${clock(one.at).slice(-2)}`), verdictPill(one.verdict), el("span", { class: "muted" }, `${one.score.toFixed(1)} ${wentOn(one)}`)));
  byId("earlier").replaceChildren(...(earlier.length ? earlier : [el("li", { class: "muted" }, "None.")]));
  byId("all-calls").hidden = !earlier.length || mine.masked;
  byId("all-calls").href = `/calls?number=${encodeURIComponent(call.caller)}`;
}

async function again() {
  await load();
  const focused = document.activeElement && byId("acts").contains(document.activeElement) ? [...byId("acts").children].indexOf(document.activeElement) : -1;
  draw();
  if (focused >= 0) byId("acts").children[focused].focus();
}

/** @param {"robot" | "person" | null} label */
async function mark(label) {
  try {
    const { before } = await setMark(label);
    const said = label ? `Marked as a ${label}.` : "The mark is taken back.";
    const unheard = label && !whole.numbered ? " This caller came without a number: the mark is kept with this call alone." : "";
    toast(said + unheard, async () => {
      await setMark(before);
      return before ? `Marked as a ${before} again.` : "The mark is taken back.";
    });
  } catch (error) {
    notice(error.message, "bad");
  }
}

async function setMark(label) {
  const done = label ? await ask("POST", `${path}/mark`, { label }) : await ask("POST", `${path}/unmark`);
  await again();
  return done;
}

function openList(list) {
  wanted = list;
  byId("list-form").reset();
  byId("expires").value = list === "allow" ? "" : "7d";
  byId("list-form").querySelector(".form-error").textContent = "";
  say(byId("list-title"), `${LISTS[list].word} ${whoCalled(whole.call)}`);
  say(byId("list-what"), LISTS[list].what);
  say(byId("list-ok"), LISTS[list].word);
  byId("list-dialog").showModal();
}

async function unlist(list) {
  try {
    const gone = await ask("DELETE", `${path}/list/${list}`);
    await again();
    toast(`Off the ${list} list.`, async () => {
      await put(list, gone.reason, gone.expires ? new Date(gone.expires * 1000).toISOString() : "");
      return `On the ${list} list again.`;
    });
  } catch (error) {
    notice(error.message, "bad");
  }
}

async function put(list, reason, expires) {
  const added = await ask("POST", `${path}/list`, { list, reason, expires });
  await again();
  return added;
}

onSubmit("list-form", async ({ reason, expires }) => {
  const list = wanted;
  await put(list, reason, expires);
  byId("list-dialog").close();
  toast(`${whoCalled(whole.call)} ${LISTS[list].done} from the next call on.`, async () => {
    await ask("DELETE", `${path}/list/${list}`);
    await again();
    return `Off the ${list} list.`;
  });
});
byId("list-cancel").addEventListener("click", () => byId("list-dialog").close());

shell();
try {
  mine = await me();
  await load();
  draw();
} catch (error) {
  notice(error.message, "bad");
}
