// Thresholds and weights tried on calls that really came. Nothing is applied by moving a slider.

import { ask, me } from "./api.js";
import { byId, el, say } from "./dom.js";
import { duration, moment, whole } from "./format.js";
import { notice, tried } from "./notice.js";
import { saveChanges, toldOf, undoChange } from "./save.js";
import { shell } from "./shell.js";
import { changes, draw, reset } from "./sliders.js";
import { showCalls, showFigures, showScores } from "./trial.js";

const DAY = 86400;
const PAGE = 25;
let admin = false;
let sample = null;
let trial = null;
let offset = 0;
let asking = false;
let again = false;
let ill = false; // the notice is of the last trial

async function load() {
  byId("tuned").setAttribute("aria-busy", "true");
  say(byId("sample"), "Reading the calls…");
  try {
    sample = await ask("POST", "/tuning/sample", span());
    const settings = await ask("GET", "/settings");
    draw(settings.tables, sample, move);
    sayWhat();
    byId("tuned").hidden = false;
    offset = 0;
    await look();
  } catch (error) {
    notice(error.message, "bad");
    say(byId("sample"), "");
  } finally {
    byId("tuned").removeAttribute("aria-busy");
  }
}

function span() {
  const chosen = byId("range").value;
  const now = Date.now() / 1000 + 1;
  if (chosen === "own") {
    const [since, until] = ["since", "until"].map((id) => new Date(byId(id).value).getTime() / 1000);
    if (!(since < until)) throw new Error("Write a begin and an end, the begin first.");
    return { since, until };
  }
  if (chosen.includes("-")) {
    const [since, until] = chosen.split("-").map(Number);
    return { since: since - 900, until: until + 900 };
  }
  return { since: now - Number(chosen) * DAY, until: now };
}

function sayWhat() {
  const now = Date.now() / 1000;
  const part = sample.calls < sample.total ? `the newest ${whole(sample.calls)} of ${whole(sample.total)} calls, since ${moment(sample.oldest, now)}` : `${whole(sample.calls)} calls`;
  say(byId("sample"), `${part}. A person is who talked for ${duration(sample.person_talk)} or passed the CAPTCHA; a robot who failed it; an operator's mark goes before both.`);
}

function move() {
  offset = 0;
  const count = Object.keys(changes()).length;
  byId("unsaved").hidden = count === 0;
  say(byId("count"), count === 1 ? "1 change, not applied" : `${count} changes, not applied`);
  look();
}

/** One question at a time; the newest wish is asked when the answer is there. */
async function look() {
  if (!sample) return;
  if (asking) return void (again = true);
  asking = true;
  try {
    const picked = { who: byId("who").value || null, before: byId("before").value || null, after: byId("after").value || null };
    const body = { changes: changes(), offset, limit: PAGE, ...picked };
    trial = await ask("POST", "/tuning/try", body);
    if (ill) notice("");
    ill = false;
    show();
  } catch (error) {
    if (error.status === 404) return void load();
    ill = true;
    notice(error.message, "bad");
  } finally {
    asking = false;
    if (again) {
      again = false;
      look();
    }
  }
}

function show() {
  showFigures(trial);
  showScores(trial, byId("level").value);
  showCalls(trial, offset);
}

async function save() {
  const done = await tried(() => saveChanges(changes()));
  if (!done) return;
  const { text, kind } = toldOf(done);
  reset();
  await load();
  await offerUndo();
  notice(text, kind);
}

/** The last change of the file can be taken back here; all of them on the page Settings. */
async function offerUndo() {
  if (!admin) return;
  const [last] = (await ask("GET", "/settings/history?limit=1")).changes;
  byId("undo").hidden = !last;
  if (last) {
    byId("undo").onclick = async () => {
      const done = await tried(() => undoChange(last.n));
      if (!done) return;
      await load();
      await offerUndo();
      notice(toldOf(done).text, toldOf(done).kind);
    };
    byId("undo").textContent = `Undo the last save (${last.who}, ${moment(last.at, Date.now() / 1000)})…`;
  }
}

async function offerAttacks() {
  const { attacks } = await ask("GET", "/tuning/attacks");
  const now = Date.now() / 1000;
  const options = attacks.map((a) => el("option", { value: `${Math.floor(a.since)}-${Math.ceil(a.until)}` }, `${moment(a.since, now)}, ${duration(a.until - a.since)}, ${a.level}`));
  byId("attacks").replaceChildren(...options);
  byId("attacks").hidden = options.length === 0;
}

byId("range").addEventListener("change", () => {
  const own = byId("range").value === "own";
  byId("own").hidden = !own;
  if (!own) load();
});
byId("own").addEventListener("submit", (event) => (event.preventDefault(), load()));
for (const id of ["who", "before", "after"]) byId(id).addEventListener("change", () => ((offset = 0), look()));
byId("level").addEventListener("change", show);
byId("newer").addEventListener("click", () => ((offset = Math.max(0, offset - PAGE)), look()));
byId("older").addEventListener("click", () => ((offset += PAGE), look()));
byId("discard").addEventListener("click", reset);
byId("save").addEventListener("click", save);
addEventListener("beforeunload", (event) => Object.keys(changes()).length && event.preventDefault());

shell();
const mine = await me();
admin = mine.role === "admin";
byId("save").hidden = !admin;
byId("admins-save").hidden = admin;
if (mine.role === "viewer") notice("Tuning needs the role operator.", "note");
else {
  await load();
  await tried(offerAttacks);
  await tried(offerUndo);
}
