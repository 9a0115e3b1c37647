// Creates elements from names and texts. A string becomes a text node, never markup.

const SVG = "http://www.w3.org/2000/svg";

/** Creates an element. Properties: `class`, `on: { event: listener }`, `data: { name: value }`; all others are attributes. */
export function h(tag, props, ...children) {
  return fill(document.createElement(tag), tag === "button" ? { type: "button", ...props } : props, children);
}

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

export function put(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

export const $ = (selector, root = document) => root.querySelector(selector);

export const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

const ICONS = {
  like: "M12 20s-7.5-4.6-7.5-10A4.3 4.3 0 0 1 12 7.3 4.3 4.3 0 0 1 19.5 10c0 5.4-7.5 10-7.5 10Z",
  addToCart: "M4 9h16l-1.6 9.2a2 2 0 0 1-2 1.8H7.6a2 2 0 0 1-2-1.8L4 9ZM8.5 9l2-5M15.5 9l-2-5",
  purchase: "M5 12.5l4.5 4.5L19 7.5",
  hide: "M4 4l16 16M9.9 5.5A9.6 9.6 0 0 1 12 5.3c5 0 8.3 4 9.3 6.7a12 12 0 0 1-2.5 3.7M6.4 7.4A12 12 0 0 0 2.7 12c1 2.7 4.3 6.7 9.3 6.7 1.5 0 2.8-.35 4-.9M10 10.2a2.7 2.7 0 0 0 3.8 3.8",
  view: "M2.7 12C3.7 9.3 7 5.3 12 5.3s8.3 4 9.3 6.7c-1 2.7-4.3 6.7-9.3 6.7S3.7 14.7 2.7 12ZM12 9.3a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4Z",
  rating: "M12 4l2.5 5.1 5.5.8-4 3.9 1 5.5-5-2.6-5 2.6 1-5.5-4-3.9 5.5-.8Z",
  take: "M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6",
  person: "M12 4.5a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6ZM4.5 20c.6-3.7 3.6-5.5 7.5-5.5s6.9 1.8 7.5 5.5",
  newcomer: "M10.5 4.5a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6ZM3 20c.6-3.7 3.6-5.5 7.5-5.5 1.6 0 3 .3 4.2.9M18.5 14.5v6M15.5 17.5h6",
  dice: "M6 4h12a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2ZM8.5 8.5h.01M15.5 15.5h.01M15.5 8.5h.01M8.5 15.5h.01M12 12h.01",
  close: "M6 6l12 12M18 6L6 18",
  left: "M14.5 6l-6 6 6 6",
  right: "M9.5 6l6 6-6 6",
  down: "M6 9.5l6 6 6-6",
  up: "M6 14.5l6-6 6 6",
  copy: "M9 9V5.5A1.5 1.5 0 0 1 10.5 4h8A1.5 1.5 0 0 1 20 5.5v8a1.5 1.5 0 0 1-1.5 1.5H15M5.5 9h8A1.5 1.5 0 0 1 15 10.5v8a1.5 1.5 0 0 1-1.5 1.5h-8A1.5 1.5 0 0 1 4 18.5v-8A1.5 1.5 0 0 1 5.5 9Z",
  search: "M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12ZM15.5 15.5L20 20",
  auto: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16ZM12 4v16M14.3 4.6v14.8M16.6 6v12",
  light: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  dark: "M20 14.2A8.2 8.2 0 0 1 9.8 4 8.2 8.2 0 1 0 20 14.2Z",
  keys: "M5 6h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2ZM7 10h.01M11 10h.01M15 10h.01M8 14h8",
};

/** A line drawing of 24 by 24, hidden from screen readers: a text beside it has the same meaning. */
export function icon(name) {
  return s("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" }, s("path", { d: ICONS[name] ?? ICONS.view }));
}

export function say(text) {
  $("#live").textContent = text;
}

export function copyButton(text, label = "Copy") {
  const caption = h("span", null, label);
  return h("button", {
    class: "quiet small", "aria-label": label,
    on: {
      click: async () => {
        const done = await copy(typeof text === "function" ? text() : text);
        caption.textContent = done ? "Copied" : "Select and copy";
        say(caption.textContent);
        setTimeout(() => { caption.textContent = label; }, 1600);
      },
    },
  }, icon("copy"), caption);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // no permission, or the page is not served from a secure origin
  }
}
