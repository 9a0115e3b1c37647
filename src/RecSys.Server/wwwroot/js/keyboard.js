// Keyboard control of the whole page.

import { $, h, put } from "./dom.js";

const CARD_KEYS = { l: "like", c: "addToCart", b: "purchase", h: "hide", v: "view" };

const KEYS = [
  ["On a card", [
    [["←", "→"], "the next card of the shelf"], [["↑", "↓"], "the next shelf"], [["Home", "End"], "the first, the last card"],
    [["Enter"], "open: it counts as a view"], [["L"], "like"], [["C"], "add to cart"], [["B"], "buy"], [["H"], "hide"], [["Tab"], "the card’s own buttons"],
  ]],
  ["Anywhere", [
    [["/"], "who is shopping: search"], [["F"], "search the items"], [["N"], "new visitor"], [["S"], "surprise me"], [["J"], "what just happened"],
    [["G"], "to the shelves"], [["T"], "light, dark, as the system"], [["Esc"], "close what is open"], [["?"], "this list"],
  ]],
];

const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

export function startKeyboard(shelves, does) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || $("#help").open) {
      return;
    }
    if (event.key === "Escape") {
      does.escape();
      return;
    }
    if (isTyping(event.target)) {
      return;
    }
    const cell = event.target.closest(".cell[data-item]");
    const shelf = cell && shelves().find((one) => one.element.contains(cell));
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const isDone = shelf ? onCard(event, key, cell, shelf, shelves()) || anywhere(key, does) : anywhere(key, does);
    if (isDone) {
      event.preventDefault();
    }
  });
}

function onCard(event, key, cell, shelf, all) {
  if (Object.hasOwn(CARD_KEYS, key)) {
    $(`[data-do="${CARD_KEYS[key]}"]`, cell)?.click();
    return true;
  }
  const place = shelf.active;
  switch (key) {
    case "ArrowLeft": return shelf.enter(place - 1);
    case "ArrowRight": return shelf.enter(place + 1);
    case "Home": return shelf.enter(0);
    case "End": return shelf.enter(Infinity);
    case "ArrowUp": return toShelf(all, shelf, -1);
    case "ArrowDown": return toShelf(all, shelf, 1);
    default: return false;
  }
}

function toShelf(all, from, way) {
  for (let at = all.indexOf(from) + way; at >= 0 && at < all.length; at += way) {
    if (all[at].enter()) {
      all[at].element.scrollIntoView({ block: "nearest" });
      return true;
    }
  }
  return true;
}

function anywhere(key, does) {
  const names = { "/": "pick", f: "find", n: "visitor", s: "surprise", j: "strip", g: "shelves", t: "theme", "?": "help" };
  if (!Object.hasOwn(names, key)) {
    return false;
  }
  does[names[key]]();
  return true;
}

export function openHelp(dialog) {
  put(dialog,
    h("div", { class: "help-head" }, h("h2", { id: "help-title" }, "Keys"),
      h("button", { class: "quiet", autofocus: true, on: { click: () => dialog.close() } }, "Close")),
    KEYS.map(([title, rows]) => h("section", null, h("h3", null, title),
      h("dl", null, rows.map(([keys, text]) => h("div", null, h("dt", null, keys.map((key) => h("kbd", null, key))), h("dd", null, text)))))));
  dialog.showModal();
}
