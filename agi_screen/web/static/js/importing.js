// A file on a list: sent with its progress, its bad lines told.

import { ask, me } from "./api.js";
import { byId, el } from "./dom.js";
import { onSubmit, wrong } from "./form.js";
import { whole } from "./format.js";
import { toast } from "./toast.js";

const MOST_BYTES = 1048576;

/** @param {() => string} list the one that is shown @param {() => Promise<void>} after */
export function onImport(list, after) {
  const source = byId("import-source");
  byId("import-file").addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (file && !source.value) source.value = `import ${file.name}`.slice(0, 80);
  });
  onSubmit("import-form", async (values, form) => {
    const file = byId("import-file").files[0];
    if (!file) return wrong(form, "file", "Choose a file");
    if (file.size > MOST_BYTES) return wrong(form, "file", "Over 1 MB: use agi-screen list import");
    if (!values.source.trim()) return wrong(form, "source", "Say where it comes from");
    const query = new URLSearchParams({ list: list(), source: values.source.trim(), replace: String("replace" in values), skip_bad: String("skip_bad" in values) });
    const done = await send(file, query);
    showBad(done);
    if (done.bad_count && !("skip_bad" in values)) throw new Error(`${done.bad_count} bad lines: nothing was imported`);
    form.reset();
    await after();
    const undo = "replace" in values ? undefined : () => takeBack(values.source.trim(), after);
    toast(`${whole(done.imported)} entries imported${done.left ? `, ${whole(done.left)} left to others` : ""}.`, undo);
  });
}

async function takeBack(source, after) {
  const { removed } = await ask("DELETE", `/lists?${new URLSearchParams({ source })}`);
  await after();
  return `${whole(removed)} entries that came from “${source}” are off the lists.`;
}

function showBad({ bad, bad_count: count }) {
  const place = byId("import-bad");
  place.hidden = !count;
  const more = count > bad.length ? [el("li", {}, `and ${count - bad.length} more`)] : [];
  place.replaceChildren(el("ul", {}, ...bad.map(({ line, value, mend }) => el("li", {}, `line ${line}: ${value || ""} ${mend}`)), ...more));
}

/** fetch tells nothing of what is on its way. */
async function send(file, query) {
  const { csrf } = await me();
  const bar = byId("import-progress");
  bar.hidden = false;
  bar.value = 0;
  try {
    return await new Promise((done, failed) => {
      const request = new XMLHttpRequest();
      request.open("POST", `/api/v1/lists/import?${query}`);
      request.setRequestHeader("Content-Type", "text/csv");
      request.setRequestHeader("X-CSRF-Token", csrf);
      request.upload.addEventListener("progress", ({ loaded, total }) => (loaded < total ? (bar.value = loaded / total) : bar.removeAttribute("value")));
      request.addEventListener("error", () => failed(new Error("the desk cannot be reached: is the daemon running?")));
      request.addEventListener("load", () => {
        const said = JSON.parse(request.responseText || "{}");
        if (request.status === 200) done(said);
        else failed(new Error(said.error ? said.error.mend : `the desk answered ${request.status}`));
      });
      request.send(file);
    });
  } finally {
    bar.hidden = true;
  }
}
