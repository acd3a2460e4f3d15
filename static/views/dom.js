/**
 * DOM helpers. Text enters the document only as text, never as HTML.
 *
 * @module
 */

/** @typedef {Record<string, string | number | boolean | undefined>} Attributes */
/** @typedef {Node | string | null | undefined} Child */

/**
 * Creates an element. Attributes that are `false` or undefined are omitted, `true` becomes an empty attribute.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  for (const child of children) if (child !== null && child !== undefined) element.append(child);
  return element;
}

/**
 * @param {Element} element
 * @param {Attributes} attributes
 */
export function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) element.removeAttribute(name);
    else {
      const text = value === true ? "" : String(value);
      if (element.getAttribute(name) !== text) element.setAttribute(name, text);
    }
  }
}

/**
 * A button with an icon, and with a label as its accessible name and tooltip.
 *
 * @param {keyof typeof ICONS} name
 * @param {string} label
 * @param {Attributes} [attributes]
 * @returns {HTMLButtonElement}
 */
export function iconButton(name, label, attributes = {}) {
  const button = h("button", { type: "button", class: "icon-button", ...attributes }, icon(name));
  button.setAttribute("aria-label", label);
  button.title = label;
  return button;
}

/**
 * Dispatches a verb as an event that bubbles.
 *
 * @param {Element} element
 * @param {string} verb
 * @param {unknown} [detail]
 */
export function emit(element, verb, detail) {
  element.dispatchEvent(new CustomEvent(verb, { bubbles: true, detail }));
}

/**
 * Sets text only if it differs, so that an update without changes does not touch the document.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const SVG = "http://www.w3.org/2000/svg";

/** SVG paths on a grid of 24, drawn as strokes. */
const ICONS = {
  attach:
    "M20 11.5 12 19.4a5 5 0 0 1-7-7.1L13.4 4a3.3 3.3 0 0 1 4.7 4.7l-8.4 8.3a1.7 1.7 0 0 1-2.3-2.4L15 7",
  close: "M6 6l12 12M18 6 6 18",
  down: "M12 5v14M6 13l6 6 6-6",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  edit: "M4 20h4L19 9l-4-4L4 16v4M13.5 6.5l4 4",
  emoji: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M8.5 14.5a4.3 4.3 0 0 0 7 0M9 9.5v.5M15 9.5v.5",
  file: "M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8zM14 3v5h5",
  leave: "M14 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h8M10 12h10M17 8.5l3.5 3.5-3.5 3.5",
  link:
    "M10 14a4 4 0 0 0 6 .4l3-3a4.2 4.2 0 0 0-6-6l-1.5 1.5M14 10a4 4 0 0 0-6-.4l-3 3a4.2 4.2 0 0 0 6 6l1.5-1.5",
  lock:
    "M6 11h12a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1M8 11V8a4 4 0 0 1 8 0v3",
  menu: "M4 7h16M4 12h16M4 17h16",
  message: "M5 5h14a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-8l-5 4v-4H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1",
  more: "M5.500 12h.01M12 12h.01M18.500 12h.01",
  people:
    "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M2.5 20a6.5 6.5 0 0 1 13 0M16 4.3a3.5 3.5 0 0 1 0 6.4M18 14.2a6.500 6.500 0 0 1 3.500 5.800",
  plus: "M12 5v14M5 12h14",
  reply: "M9 7l-5 5 5 5M4 12h9a7 7 0 0 1 7 7",
  retry: "M20 5v5h-5M4 19v-5h5M19.500 10a8 8 0 0 0-14-2.500M4.500 14a8 8 0 0 0 14 2.500",
  search: "M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13M15.500 15.500 20 20",
  send: "M4 12 20 4l-5 16-3-7-8-1M12 13l8-9",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.500v5M9 14.500v5",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.500 11v5M13.500 11v5",
};

/**
 * @param {keyof typeof ICONS} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  setAttributes(svg, { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" });
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/**
 * An avatar: initials on the colour of a name.
 *
 * @param {string} text
 * @param {number} hue
 */
export function avatar(text, hue) {
  return h("span", { class: `avatar hue-${hue}`, "aria-hidden": "true" }, text);
}
