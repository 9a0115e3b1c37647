// Elements made from names and texts. A string becomes a text node, never markup.

const SVG = "http://www.w3.org/2000/svg";

/** Makes an element. Properties: `class`, `on: { event: listener }`, `data: { name: value }`; all others are attributes. */
export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** Makes an SVG element. */
export function s(tag, props, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) {
      continue;
    }
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) {
        element.addEventListener(event, listener);
      }
    } else if (name === "data") {
      Object.assign(element.dataset, value);
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== undefined && child !== null && child !== false) {
      element.append(child);
    }
  }
}

/** Replaces what an element holds. */
export function put(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Whether the person asked for no movement. */
export const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

const ICONS = {
  like: "M12 20s-7.5-4.6-7.5-10A4.3 4.3 0 0 1 12 7.3 4.3 4.3 0 0 1 19.5 10c0 5.4-7.5 10-7.5 10Z",
  addToCart: "M4 9h16l-1.6 9.2a2 2 0 0 1-2 1.8H7.6a2 2 0 0 1-2-1.8L4 9ZM8.5 9l2-5M15.500 9l-2-5",
  purchase: "M5 12.500l4.500 4.500L19 7.500",
  hide: "M4 4l16 16M9.900 5.500A9.600 9.600 0 0 1 12 5.300c5 0 8.300 4 9.300 6.700a12 12 0 0 1-2.500 3.700M6.400 7.400A12 12 0 0 0 2.700 12c1 2.700 4.300 6.700 9.300 6.700 1.500 0 2.800-.35 4-.9M10 10.200a2.700 2.700 0 0 0 3.800 3.800",
  view: "M2.700 12C3.700 9.300 7 5.300 12 5.300s8.300 4 9.300 6.700c-1 2.700-4.300 6.700-9.300 6.700S3.700 14.700 2.700 12ZM12 9.300a2.700 2.700 0 1 0 0 5.400 2.700 2.700 0 0 0 0-5.400Z",
  take: "M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6",
  person: "M12 4.500a3.800 3.800 0 1 0 0 7.600 3.800 3.800 0 0 0 0-7.600ZM4.500 20c.6-3.700 3.600-5.500 7.500-5.500s6.900 1.800 7.500 5.500",
  newcomer: "M10.500 4.500a3.800 3.800 0 1 0 0 7.600 3.800 3.800 0 0 0 0-7.600ZM3 20c.6-3.700 3.600-5.500 7.500-5.500 1.600 0 3 .3 4.200.9M18.500 14.500v6M15.500 17.500h6",
  dice: "M6 4h12a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2ZM8.500 8.500h.01M15.500 15.500h.01M15.500 8.500h.01M8.500 15.500h.01M12 12h.01",
  close: "M6 6l12 12M18 6L6 18",
  left: "M14.500 6l-6 6 6 6",
  right: "M9.500 6l6 6-6 6",
  down: "M6 9.500l6 6 6-6",
  up: "M6 14.500l6-6 6 6",
  copy: "M9 9V5.500A1.500 1.500 0 0 1 10.500 4h8A1.500 1.500 0 0 1 20 5.500v8a1.500 1.500 0 0 1-1.500 1.500H15M5.500 9h8A1.500 1.500 0 0 1 15 10.500v8a1.500 1.500 0 0 1-1.500 1.500h-8A1.500 1.500 0 0 1 4 18.500v-8A1.500 1.500 0 0 1 5.500 9Z",
  search: "M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12ZM15.500 15.500L20 20",
  auto: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16ZM12 4v16M14.300 4.600v14.800M16.600 6v12",
  light: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400",
  dark: "M20 14.200A8.200 8.200 0 0 1 9.800 4 8.200 8.200 0 1 0 20 14.200Z",
  keys: "M5 6h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2ZM7 10h.01M11 10h.01M15 10h.01M8 14h8",
  warn: "M12 4.500l8.500 15h-17L12 4.500ZM12 10.500v4M12 17h.01",
};

/** A line drawing of 24 by 24, hidden from screen readers: what it stands for is said beside it. */
export function icon(name) {
  return s("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" }, s("path", { d: ICONS[name] }));
}

const live = () => $("#live");

/** Tells a screen reader what changed. */
export function say(text) {
  live().textContent = text;
}

/** A button that copies a text and says so. */
export function copyButton(text, label = "Copy") {
  const caption = h("span", null, label);
  const button = h("button", {
    type: "button", class: "quiet small", "aria-label": label,
    on: {
      click: async () => {
        const done = await copy(typeof text === "function" ? text() : text);
        caption.textContent = done ? "Copied" : "Select and copy";
        say(caption.textContent);
        setTimeout(() => { caption.textContent = label; }, 1600);
      },
    },
  }, icon("copy"), caption);
  return button;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // no permission, or the page is not served from a secure origin
  }
}
