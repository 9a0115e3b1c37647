// One item of a shelf.

import { h, icon } from "./dom.js";
import { KINDS, did, nth, percent, priceOf, titleOf } from "./format.js";
import { picture } from "./pictures.js";
import { state } from "./state.js";

const ACTIONS = [["like", "L"], ["addToCart", "C"], ["purchase", "B"], ["hide", "H"]];

let serial = 0;

/** The buttons that act on an item; whoever holds them listens for clicks on `[data-do]`. */
export function actionButtons(item, tabIndex) {
  return ACTIONS.map(([type, key]) => h("button", {
    type: "button", class: type === "purchase" ? "act buy" : "act", tabindex: tabIndex, "data-do": type,
    title: `${KINDS[type].does} (${key})`, "aria-label": `${KINDS[type].does} ${titleOf(item)}`,
  }, type === "purchase" ? "Buy" : icon(type)));
}

/** A thin bar for how sure the server is. */
function confidenceBar(value) {
  const text = `Confidence ${percent(value)}`;
  const bar = h("span", { class: "bar", role: "img", "aria-label": text, title: text }, h("span", { class: "bar-fill" }));
  bar.style.setProperty("--at", String(Math.max(0, Math.min(1, value))));
  return bar;
}

/** A card that stays the same element while its item stays on the shelf. */
export class Card {
  constructor(item) {
    const id = `card-${++serial}`;
    this.item = item;
    this.badge = h("span", { class: "badge", hidden: true });
    this.stamp = h("span", { class: "stamp", hidden: true });
    this.price = h("span", { class: "price" });
    this.reason = h("p", { class: "reason", id: `${id}-reason` });
    this.confidence = h("div", { class: "confidence" });
    this.open = h("button", { type: "button", class: "open", tabindex: "-1", "data-do": "view", "aria-describedby": `${id}-reason` }, titleOf(item));
    this.element = h("li", { class: "cell", data: { item: item.itemId } },
      h("article", { class: "card" },
        h("div", { class: "frame-picture" }, picture(item), this.badge, this.stamp),
        h("div", { class: "card-body" },
          h("h3", { class: "card-title" }, this.open),
          this.price,
          this.reason,
          this.confidence),
        h("div", { class: "acts" }, actionButtons(item, -1))));
  }

  /** Shows the newest answer about the item. `move` is where it came from: a place, `new`, or nothing. */
  update(item, place, total, move) {
    this.item = item;
    const price = priceOf(item, state.shop !== null);
    this.price.textContent = price ?? item.categories?.[0] ?? "";
    this.reason.textContent = item.explanation ?? "";
    this.reason.title = item.explanation ?? "";
    this.open.title = titleOf(item);
    this.element.setAttribute("aria-label", `${nth(place + 1)} of ${total}`);
    this.confidence.replaceChildren(typeof item.confidence === "number" ? confidenceBar(item.confidence) : "");
    this.showMove(place, move);
    this.showTouch();
  }

  showMove(place, move) {
    const isNew = move === "new";
    const from = typeof move === "number" ? move : place;
    this.badge.hidden = !isNew && from === place;
    this.badge.className = isNew || from > place ? "badge up" : "badge";
    this.badge.textContent = isNew ? "new here" : `${from > place ? "▲" : "▼"} was ${nth(from + 1)}`;
  }

  /** Says what the person did with the item before. */
  showTouch() {
    const type = state.touched.get(this.item.itemId);
    this.stamp.hidden = type === undefined;
    this.stamp.textContent = type === undefined ? "" : KINDS[type]?.stamp ?? did(type);
  }

  /** Makes the card the one that Tab reaches. */
  reach(isReached) {
    for (const button of this.element.querySelectorAll("button")) {
      button.tabIndex = isReached ? 0 : -1;
    }
  }
}
