// The OpenAPI document, readable. All text of it goes into the page as text.

import { el, byId, say } from "./dom.js";
import { shell, showConnection } from "./shell.js";

/** @typedef {Record<string, any>} Schema */

let schemas = /** @type {Record<string, Schema>} */ ({});

/** What a value is, in a few words. @param {Schema} schema @returns {string} */
function kind(schema) {
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.enum) return schema.enum.map((word) => JSON.stringify(word)).join(" | ");
  if ("const" in schema) return JSON.stringify(schema.const);
  const either = schema.anyOf || schema.oneOf;
  if (either) return either.map(kind).join(" | ");
  if (schema.type === "array") return `list of ${schema.items ? kind(schema.items) : "anything"}`;
  return [schema.type || "anything", bounds(schema)].filter(Boolean).join(", ");
}

function bounds(schema) {
  const least = schema.minimum ?? schema.minLength ?? schema.exclusiveMinimum;
  const most = schema.maximum ?? schema.maxLength ?? schema.exclusiveMaximum;
  const range = least === undefined && most === undefined ? "" : `${least ?? ""} to ${most ?? ""}`;
  return [range, schema.pattern, "default" in schema ? `default ${JSON.stringify(schema.default)}` : ""].filter(Boolean).join(", ");
}

/** The fields of a model. @param {Schema} schema */
function fields(schema) {
  const model = schema.$ref ? schemas[schema.$ref.split("/").pop()] : schema;
  const names = Object.keys(model?.properties || {});
  if (!names.length) return el("p", { class: "muted" }, model?.description || "nothing");
  const needed = new Set(model.required || []);
  return el("div", {}, model.description ? el("p", { class: "muted" }, model.description) : null, rows(names.map((name) => [name, needed.has(name), kind(model.properties[name])])));
}

/** @param {[string, boolean, string][]} found */
function rows(found) {
  return el("table", {}, el("tbody", {}, ...found.map(([name, needed, what]) => el("tr", {}, el("th", { scope: "row" }, el("code", {}, name)), el("td", {}, needed ? "needed" : ""), el("td", {}, what)))));
}

function operation(method, path, told) {
  const parameters = (told.parameters || []).map((one) => [`${one.name} (${one.in})`, one.required, kind(one.schema)]);
  const body = told.requestBody?.content?.["application/json"]?.schema;
  const [media, answer] = Object.entries(told.responses["200"].content)[0];
  const errors = Object.entries(told.responses).filter(([status]) => status !== "200");
  return el(
    "details",
    { class: "operation", id: told.operationId },
    el("summary", {}, el("span", { class: "method", "data-method": method }, method), el("code", {}, path), el("span", {}, told.summary), el("span", { class: "role" }, told.security ? told.description.split(",")[0].replace("Needs the role ", "") : "anybody")),
    el(
      "div",
      {},
      parameters.length ? el("h4", {}, "Parameters") : null,
      parameters.length ? rows(parameters) : null,
      body ? el("h4", {}, "Body") : null,
      body ? fields(body) : null,
      el("h4", {}, `Answer, ${media}`),
      answer.schema ? fields(answer.schema) : el("p", { class: "muted" }, "a stream or a file"),
      el("h4", {}, "Errors"),
      rows(errors.map(([status, one]) => [status, false, one.description])),
    ),
  );
}

async function draw() {
  const response = await fetch("/api/v1/openapi.json");
  const told = await response.json();
  schemas = told.components.schemas;
  const base = told.servers[0].url;
  say(byId("about"), `${told.info.description} Version ${told.info.version}.`);
  say(byId("example"), `curl -H "Authorization: Bearer ags_…" ${location.origin}${base}/status`);
  /** @type {Map<string, HTMLElement[]>} */
  const subjects = new Map();
  for (const [path, methods] of Object.entries(told.paths)) {
    for (const [method, one] of Object.entries(methods)) {
      const subject = one.tags[0];
      if (!subjects.has(subject)) subjects.set(subject, []);
      subjects.get(subject).push(operation(method.toUpperCase(), base + path, one));
    }
  }
  const names = [...subjects.keys()].sort();
  byId("subjects").append(el("ul", {}, ...names.map((name) => el("li", {}, el("a", { href: `#subject-${name}` }, name)))));
  byId("operations").append(
    ...names.map((name) => el("section", { class: "card", "aria-labelledby": `subject-${name}` }, el("header", {}, el("h2", { id: `subject-${name}` }, name)), ...subjects.get(name))),
  );
}

/** A link to a route opens it. */
function open() {
  const wanted = location.hash ? byId(decodeURIComponent(location.hash.slice(1))) : null;
  if (wanted instanceof HTMLDetailsElement) wanted.open = true;
  wanted?.scrollIntoView();
}

shell({ polls: false });
addEventListener("hashchange", open);
draw()
  .then(() => (showConnection("live"), open()))
  .catch(() => (showConnection("lost"), say(byId("about"), "The document could not be loaded: is the daemon running?")));
