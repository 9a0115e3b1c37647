// Rows of cards. A shelf keeps a card's element while its item stays, so that moves are animated.

import { $, h, icon, isStill, put } from "./dom.js";
import { titleOf } from "./format.js";
import { Card } from "./card.js";

const MOVE_MS = 250;
const SKELETONS = 6;

export class Shelf {
  /** `onAct(type, item, shelf, byKey)` is called for an action on an item. */
  constructor(id, onAct) {
    this.id = id;
    this.cards = new Map();
    this.order = [];
    this.active = 0;
    this.recommendationId = undefined;
    this.title = h("h2", { id: `shelf-${id}` });
    this.extra = h("div", { class: "shelf-extra" });
    this.line = h("p", { class: "shelf-line" });
    this.list = h("ul", { class: "row", "aria-labelledby": `shelf-${id}` });
    this.plate = h("div", { class: "plate", hidden: true });
    this.back = this.arrow("left", "Back", -1);
    this.forth = this.arrow("right", "On", 1);
    this.element = h("section", { class: "shelf", "aria-labelledby": `shelf-${id}`, data: { shelf: id } },
      h("div", { class: "shelf-head" }, this.title, this.extra, h("div", { class: "arrows" }, this.back, this.forth)),
      this.line, this.list, this.plate);
    this.list.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      const cell = event.target.closest(".cell[data-item]");
      const card = cell && this.cards.get(cell.dataset.item);
      if (button && card) {
        onAct(button.dataset.do, card.item, this, event.detail === 0);
      }
    });
    this.list.addEventListener("focusin", (event) => {
      const cell = event.target.closest(".cell[data-item]");
      if (cell) {
        this.reach(this.order.indexOf(cell.dataset.item));
      }
    });
    this.list.addEventListener("scroll", () => this.showArrows(), { passive: true });
  }

  arrow(name, label, way) {
    return h("button", {
      class: "quiet square", "aria-hidden": "true", tabindex: "-1", title: label,
      on: { click: () => this.list.scrollBy({ left: way * this.list.clientWidth * 0.8, behavior: isStill() ? "auto" : "smooth" }) },
    }, icon(name));
  }

  showArrows() {
    const { scrollLeft, scrollWidth, clientWidth } = this.list;
    const fits = scrollWidth <= clientWidth + 4;
    this.back.hidden = fits;
    this.forth.hidden = fits;
    this.back.disabled = scrollLeft < 4;
    this.forth.disabled = scrollLeft > scrollWidth - clientWidth - 4;
  }

  name(text, line) {
    this.title.textContent = text;
    if (line !== undefined) {
      put(this.line, line);
    }
  }

  /** Shows that the first answer is still awaited. */
  wait(text) {
    this.clear();
    put(this.line, text);
    this.plate.hidden = true;
    this.list.hidden = false;
    this.list.setAttribute("aria-busy", "true");
    put(this.list, Array.from({ length: SKELETONS }, () => h("li", { class: "cell", "aria-hidden": "true" }, h("div", { class: "card skeleton" }))));
    this.showArrows();
  }

  /** Shows a text instead of cards: what happened, what it means, what to do. */
  tell(title, text, ...todo) {
    this.clear();
    put(this.line);
    this.list.hidden = true;
    this.plate.hidden = false;
    put(this.plate, h("p", { class: "plate-title" }, title), h("p", null, text), todo.length > 0 && h("div", { class: "plate-todo" }, todo));
    this.showArrows();
  }

  clear() {
    this.cards.clear();
    this.order = [];
    this.active = 0;
    this.recommendationId = undefined;
    this.list.removeAttribute("aria-busy");
    put(this.list);
    this.list.scrollLeft = 0;
  }

  /**
   * Shows items in their order. With `isMove`, changed cards slide to their places, and cards that overtook others show their old places.
   * `hasConfidence`: the items' confidence is meaningful, because its curve was fitted and the user is known.
   * Returns `{ moved, came, left }`: a count, and two lists of items.
   */
  show(items, { recommendationId, isMove = false, hasConfidence = false } = {}) {
    const focus = this.focused();
    const before = new Map(this.order.map((id, place) => [id, place]));
    const rects = new Map(this.order.map((id) => [id, this.cards.get(id).element.getBoundingClientRect()]));
    const left = this.order.filter((id) => !items.some((item) => item.itemId === id)).map((id) => this.cards.get(id).item);
    const came = items.filter((item) => !before.has(item.itemId));

    this.recommendationId = recommendationId;
    this.list.hidden = false;
    this.plate.hidden = true;
    this.list.removeAttribute("aria-busy");
    const hadCards = before.size > 0;
    const rose = isMove ? climbers(before, items) : new Set();
    let moved = 0;
    // A reason that all items share is the name of the shelf.
    const isNamed = this.id !== "forYou" && items.length > 1 && items.every((item) => item.explanation === items[0].explanation);
    const cells = items.map((item, place) => {
      const card = this.cards.get(item.itemId) ?? new Card(item);
      const from = before.get(item.itemId);
      moved += isMove && from !== undefined && from !== place ? 1 : 0;
      card.update(item, place, items.length, !isMove || !hadCards ? undefined : from === undefined ? "new" : rose.has(item.itemId) ? from : undefined, hasConfidence, !isNamed);
      this.cards.set(item.itemId, card);
      return card.element;
    });
    for (const item of left) {
      this.cards.delete(item.itemId);
    }
    this.order = items.map((item) => item.itemId);
    this.list.replaceChildren(...cells);
    this.refocus(focus);
    this.reach(Math.min(this.active, this.order.length - 1));
    if (isMove && hadCards && !isStill()) {
      this.slide(rects);
    }
    this.showArrows();
    return { moved, came, left };
  }

  slide(rects) {
    for (const id of this.order) {
      const { element } = this.cards.get(id);
      const from = rects.get(id);
      const to = element.getBoundingClientRect();
      if (!from) {
        element.animate([{ opacity: 0, transform: "translateY(12px)" }, { opacity: 1, transform: "none" }], { duration: MOVE_MS, easing: "ease-out" });
      } else if (Math.abs(from.left - to.left) > 1) {
        const climbs = from.left > to.left;
        element.animate(
          [{ transform: `translateX(${from.left - to.left}px)`, zIndex: climbs ? 2 : 1 }, { transform: "none", zIndex: climbs ? 2 : 1 }],
          { duration: MOVE_MS, easing: "cubic-bezier(.2,.7,.2,1)" });
      }
    }
  }

  focused() {
    const at = document.activeElement;
    const cell = this.list.contains(at) ? at.closest(".cell[data-item]") : null;
    return cell && { id: cell.dataset.item, place: this.order.indexOf(cell.dataset.item), does: at.dataset.do, byKey: at.matches(":focus-visible") };
  }

  refocus(focus) {
    if (!focus || this.order.length === 0) {
      return;
    }
    const stays = this.cards.has(focus.id);
    const card = this.cards.get(stays ? focus.id : this.order[Math.min(focus.place, this.order.length - 1)]);
    $(`[data-do="${stays ? focus.does : "view"}"]`, card.element).focus({ preventScroll: !focus.byKey });
  }

  reach(place) {
    if (place < 0) {
      return;
    }
    this.active = place;
    this.order.forEach((id, at) => this.cards.get(id).reach(at === place));
  }

  enter(place = this.active) {
    if (this.order.length === 0 || this.element.hidden) {
      return false;
    }
    const at = Math.max(0, Math.min(place, this.order.length - 1));
    this.reach(at);
    const { element, open } = this.cards.get(this.order[at]);
    open.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest", inline: "nearest", behavior: isStill() ? "auto" : "smooth" });
    return true;
  }

  showTouches() {
    for (const card of this.cards.values()) {
      card.showTouch();
    }
  }

  tellLeft(reasons) {
    put(this.line, reasons.map(({ item, why }) => h("span", { class: "gone" }, h("span", { class: "gone-mark", "aria-hidden": "true" }, "↗"),
      h("span", { class: "gone-title" }, titleOf(item)), " ", h("span", { class: "gone-why" }, why))));
  }
}

/**
 * The items that overtook others. An item that moved only because another left or rose has kept its order; the items that have not are
 * outside a longest run of items whose old places ascend.
 */
function climbers(before, items) {
  const stayed = items.map((item) => item.itemId).filter((id) => before.has(id));
  const runs = []; // for each item, the longest run that ends at it
  for (const [at, id] of stayed.entries()) {
    const ahead = runs.filter((_, one) => before.get(stayed[one]) < before.get(id)).sort((one, other) => other.length - one.length)[0] ?? [];
    runs[at] = [...ahead, id];
  }
  const kept = new Set([...runs].sort((one, other) => other.length - one.length)[0]);
  const places = [...stayed].sort((one, other) => before.get(one) - before.get(other));
  return new Set(stayed.filter((id, at) => !kept.has(id) && at < places.indexOf(id)));
}
