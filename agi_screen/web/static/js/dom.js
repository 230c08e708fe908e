// Elements from data. Text goes in as text alone: what a caller wrote is never markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag
 * @param {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} [attributes]
 *   a function is a listener; null, undefined and false are left out
 * @param {...(Node | string | number | null | undefined)} children
 * @returns {HTMLElement}
 */
export function el(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same for SVG. @param {string} tag @param {Record<string, any>} [attributes] @param {...any} children */
export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined).map((child) => (child instanceof Node ? child : String(child))));
  return element;
}

/** @param {string} id @returns {any} */
export const byId = (id) => document.getElementById(id);

/** Sets text only where it changed, so that screen readers and the browser are left in peace. */
export function say(element, text) {
  const said = String(text);
  if (element.textContent !== said) element.textContent = said;
}

const GLYPHS = {
  allow: "M2 8.5 6 12.5 14 3.5", // a tick
  challenge: "M5 5.5a3 3 0 1 1 4.5 2.6C8.4 8.7 8 9.2 8 10M8 13.3v.1", // a question mark
  reject: "M3 3l10 10M13 3 3 13", // a cross
  divert: "M2 12V9a3 3 0 0 1 3-3h8M10 2.5 13.5 6 10 9.5", // a turn
  normal: "M2 8.5 6 12.5 14 3.5",
  elevated: "M8 2.5 14.5 13.5H1.5zM8 6.5v3M8 11.7v.1",
  siege: "M5.2 1.8h5.6l3.4 3.4v5.6l-3.4 3.4H5.2l-3.4-3.4V5.2zM8 4.7v4M8 11.2v.1",
  hungup: "M2 8h12",
  ring: "M8 2.5v9M4 8l4 4 4-4",
};

/** A shape that says the same as the colour. @param {keyof typeof GLYPHS | string} name */
export function glyph(name) {
  const path = svg("path", { d: GLYPHS[name] || GLYPHS.hungup, fill: "none", stroke: "currentColor", "stroke-width": 2.2, "stroke-linecap": "round", "stroke-linejoin": "round" });
  return svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" }, path);
}

const WORDS = { allow: "Allowed", challenge: "Challenged", reject: "Rejected", divert: "Diverted" };

/** @param {string} verdict */
export const verdictWord = (verdict) => WORDS[verdict] || verdict;

/** @param {string} verdict @returns {HTMLElement} */
export function verdictPill(verdict) {
  return el("span", { class: "pill", "data-verdict": verdict }, glyph(verdict), verdictWord(verdict));
}

/** @param {string} level @returns {HTMLElement} */
export function levelPill(level) {
  return el("span", { class: "pill", "data-level": level }, glyph(level), level);
}
