// One item of a shelf.

import { h, icon } from "./dom.js";
import { KINDS, count, did, nth, oddsOf, priceOf, stockOf, titleOf } from "./format.js";
import { picture } from "./pictures.js";
import { state } from "./state.js";
import { buttonsOf, hasRateButton, ratingsOf } from "./types.js";

const KEYS = { like: "L", addToCart: "C", purchase: "B", hide: "H" };

let serial = 0;

/** The buttons that act on an item; a container of them listens for clicks on `[data-do]`. */
export function actionButtons(item, tabIndex, isAll = false) {
  const rate = !isAll && hasRateButton() && h("button", { class: "act worded", tabindex: tabIndex, "data-do": "rate", "aria-label": `Rate: ${titleOf(item)}` }, "Rate");
  return [...buttonsOf(isAll).map((type) => {
    const { does } = KINDS[type];
    const hasIcon = Object.hasOwn(KEYS, type) && type !== "purchase";
    return h("button", {
      class: type === "purchase" ? "act buy" : hasIcon ? "act" : "act worded", tabindex: tabIndex, "data-do": type,
      title: KEYS[type] ? `${does} (${KEYS[type]})` : does, "aria-label": `${does}: ${titleOf(item)}`,
    }, hasIcon ? icon(type) : does);
  }), rate];
}

const ratingOf = (itemId, type) => state.history.find((entry) => entry.itemId === itemId && entry.type === type)?.value;

/** A choice of a value for each type that has one. `onRate(type, value)` is called for a choice; `showRatings` marks the newest. */
export function ratingControls(item, onRate) {
  return ratingsOf().map(({ type, min, max, steps }) => {
    const { does } = KINDS[type];
    const name = `${does}, ${count(min)} to ${count(max)}`;
    if (steps.length > 0) {
      return h("div", { class: "rate", role: "group", "aria-label": `${name}: ${titleOf(item)}` }, h("span", { class: "rate-name" }, does),
        steps.map((value) => h("button", {
          class: "act step", "aria-label": `${does} ${value} of ${max}`, data: { type, value }, on: { click: () => onRate(type, value) },
        }, String(value))));
    }
    const input = h("input", { type: "number", min, max, step: "any", value: ratingOf(item.itemId, type), required: true, "aria-label": name, placeholder: `${count(min)}–${count(max)}` });
    return h("form", { class: "rate", on: { submit: (event) => { event.preventDefault(); onRate(type, input.valueAsNumber); } } },
      h("label", { class: "rate-name" }, does, " ", input), h("button", { type: "submit", class: "act worded" }, "Rate"));
  });
}

/** Marks the user's newest choice. */
export function showRatings(controls, itemId) {
  for (const step of controls.querySelectorAll(".step")) {
    step.setAttribute("aria-pressed", String(Number(step.dataset.value) === ratingOf(itemId, step.dataset.type)));
  }
}

function confidenceBar(value) {
  const bar = h("span", { class: "bar", "aria-hidden": "true" }, h("span", { class: "bar-fill" }));
  bar.style.setProperty("--at", String(Math.max(0, Math.min(1, value))));
  return [h("span", null, oddsOf(value)), bar];
}

export class Card {
  constructor(item) {
    const id = `card-${++serial}`;
    this.item = item;
    this.badge = h("span", { class: "badge up", hidden: true });
    this.stamp = h("span", { class: "stamp", hidden: true });
    this.price = h("span", { class: "price" });
    this.reason = h("p", { class: "reason", id: `${id}-reason` });
    this.confidence = h("div", { class: "confidence" });
    this.open = h("button", { class: "open", tabindex: "-1", "data-do": "view", "aria-describedby": `${id}-reason` }, titleOf(item));
    this.element = h("li", { class: "cell", data: { item: item.itemId } },
      h("article", { class: "card" },
        this.frame = h("div", { class: "frame-picture" }, picture(item), this.badge, this.stamp),
        h("div", { class: "card-body" },
          h("h3", { class: "card-title" }, this.open),
          this.price,
          this.reason,
          this.confidence),
        h("div", { class: "acts" }, actionButtons(item, -1))));
  }

  /** Shows the newest answer about the item. `climbed` is its old place, `new`, or nothing. */
  update(item, place, total, climbed, hasConfidence, hasReason) {
    if (item.image !== this.item.image) {
      this.frame.firstChild.replaceWith(picture(item));
    }
    this.item = item;
    this.price.textContent = priceOf(item) ?? item.categories?.[0] ?? "";
    this.reason.textContent = hasReason ? item.explanation ?? "" : "";
    this.reason.title = this.reason.textContent;
    this.open.title = titleOf(item);
    this.element.setAttribute("aria-label", `${nth(place + 1)} of ${total}`);
    this.confidence.replaceChildren(...(hasConfidence ? confidenceBar(item.confidence) : []));
    this.badge.hidden = climbed === undefined;
    this.badge.textContent = climbed === "new" ? "new here" : climbed === undefined ? "" : `▲ rising, was ${nth(climbed + 1)}`;
    this.showTouch();
  }

  showTouch() {
    const type = state.touched.get(this.item.itemId);
    const text = type !== undefined ? KINDS[type]?.stamp ?? did(type) : this.item.stock === 0 ? stockOf(this.item) : "";
    this.stamp.hidden = text === "";
    this.stamp.textContent = text;
  }

  reach(isReached) {
    for (const button of this.element.querySelectorAll("button")) {
      button.tabIndex = isReached ? 0 : -1;
    }
  }
}
