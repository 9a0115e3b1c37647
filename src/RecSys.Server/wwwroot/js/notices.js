// Notices about the whole page: what happened, what it means, what to do.

import { apiKey } from "./api.js";
import { h, put } from "./dom.js";

// The most urgent first: a narrow window shows only the first.
const ORDER = ["away", "key", "refused", "degraded", "stale", "untrained", "cold"];

const held = new Map();
let place;

export function startNotices(element) {
  place = element;
}

/** Shows a notice, or with null removes it. `look` is `harm` or nothing; after `lastsMs`, if given, the notice is removed. */
export function notice(name, content) {
  const was = held.get(name);
  if (content === null ? !was : was && was.key === content.key) {
    return;
  }
  if (content === null) {
    held.delete(name);
  } else {
    held.set(name, content);
    if (content.lastsMs) {
      setTimeout(() => held.get(name) === content && notice(name, null), content.lastsMs);
    }
  }
  const shown = [...held].sort(([one], [other]) => ORDER.indexOf(one) - ORDER.indexOf(other)).map(([, content]) => content);
  put(place, shown.map((one) => h("div", { class: `notice ${one.look ?? ""}` },
    h("div", { class: "notice-text" }, h("p", { class: "notice-title" }, one.title), h("p", null, one.text)),
    h("div", { class: "notice-todo" }, one.todo))));
}

export const button = (text, onClick, look = "") => h("button", { class: `quiet ${look}`, on: { click: onClick } }, text);

export function keyForm(onKey) {
  const input = h("input", { type: "password", autocomplete: "off", "aria-label": "API key", placeholder: "API key" });
  return h("form", {
    class: "key-form", on: {
      submit: (event) => {
        event.preventDefault();
        apiKey.set(input.value.trim());
        onKey();
      },
    },
  }, input, h("button", { type: "submit", class: "quiet" }, "Use it"));
}
