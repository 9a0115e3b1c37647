// The choice of the user: search among the shoppers, or any user id.

import { $, h, icon, put } from "./dom.js";
import { ago } from "./format.js";
import { hash } from "./pictures.js";
import { state } from "./state.js";

function face(user) {
  const disc = h("span", { class: "face", "aria-hidden": "true" }, user.isVisitor ? icon("person") : [...user.name.trim()][0]?.toUpperCase() ?? "·");
  disc.style.setProperty("--hue", String(hash(user.userId) % 360));
  return disc;
}

export const chips = (tastes, max = tastes.length) => tastes.slice(0, max).map((taste) => h("span", { class: "chip" }, taste));

export function showShopper(button) {
  const { user } = state;
  put(button, face(user),
    h("span", { class: "shopper-name" }, h("span", { class: "hush" }, "Shopping as "), user.name),
    h("span", { class: "shopper-tastes" }, chips(user.tastes, 2)), icon("down"));
}

export class Picker {
  constructor(element, button, { onPick, onOpen }) {
    this.element = element;
    this.button = button;
    this.onPick = onPick;
    this.onOpen = onOpen;
    this.at = 0;
    button.addEventListener("click", () => (element.hidden ? this.open() : this.close()));
    document.addEventListener("pointerdown", (event) => {
      if (!element.hidden && !element.contains(event.target) && !button.contains(event.target)) {
        this.close(false);
      }
    });
    element.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !element.contains(event.relatedTarget) && event.relatedTarget !== button) {
        this.close(false);
      }
    });
  }

  get isOpen() {
    return !this.element.hidden;
  }

  open() {
    const label = "Search a shopper, or type any user id";
    this.onOpen().then((isNew) => isNew && this.isOpen && this.fill());
    this.input = h("input", {
      type: "search", id: "picker-search", autocomplete: "off", spellcheck: "false", role: "combobox", "aria-expanded": "true",
      "aria-controls": "picker-list", "aria-label": label, placeholder: label,
      on: { input: () => this.fill(), keydown: (event) => this.onKey(event) },
    });
    this.list = h("ul", { id: "picker-list", role: "listbox", "aria-label": "Shoppers" });
    put(this.element, h("div", { class: "search" }, icon("search"), this.input), this.list);
    this.element.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    const { left, bottom } = this.button.getBoundingClientRect();
    this.element.style.setProperty("--x", `${Math.round(left)}px`);
    this.element.style.setProperty("--y", `${Math.round(bottom + 8)}px`);
    this.fill();
    this.input.focus();
  }

  close(isFocusBack = true) {
    if (this.element.hidden) {
      return;
    }
    this.element.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    if (isFocusBack) {
      this.button.focus();
    }
  }

  fill() {
    const typed = this.input.value.trim();
    const wanted = typed.toLowerCase();
    const shoppers = state.shoppers.filter((shopper) =>
      [shopper.name, shopper.userId, ...shopper.tastes].some((text) => text.toLowerCase().includes(wanted)));
    const isId = typed !== "" && !shoppers.some((shopper) => shopper.userId === typed);
    this.choices = isId ? [...shoppers, { userId: typed, name: typed, tastes: [] }] : shoppers;
    this.at = Math.max(0, wanted === "" ? this.choices.findIndex((choice) => choice.userId === state.user?.userId) : 0);
    put(this.list, this.choices.map((choice, place) => h("li", {
      id: `choice-${place}`, role: "option", class: "choice",
      on: { click: () => this.pick(place), pointermove: () => this.point(place) },
    }, face(choice), h("span", { class: "choice-name" }, isId && place === this.choices.length - 1 ? `The user “${typed}”` : choice.name),
    h("span", { class: "choice-tastes" }, chips(choice.tastes), choice.lastAt && h("span", { class: "muted" }, "active ", ago(choice.lastAt))))));
    if (this.choices.length === 0) {
      put(this.list, h("li", { class: "choice-none" }, "Nobody was active yet. Any user id works: an unknown one is a cold start."));
    }
    this.point(this.at);
  }

  point(place) {
    this.at = place;
    [...this.list.children].forEach((choice, at) => choice.setAttribute("aria-selected", String(at === place)));
    this.input.setAttribute("aria-activedescendant", this.choices.length > 0 ? `choice-${place}` : "");
  }

  onKey(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (Object.hasOwn(steps, event.key) && this.choices.length > 0) {
      this.point((this.at + steps[event.key] + this.choices.length) % this.choices.length);
      $(`#choice-${this.at}`, this.list).scrollIntoView({ block: "nearest" });
      event.preventDefault();
    } else if (event.key === "Enter" && this.choices.length > 0) {
      this.pick(this.at);
      event.preventDefault();
    }
  }

  pick(place) {
    const choice = this.choices[place];
    this.close();
    this.onPick({ userId: choice.userId, name: choice.name, tastes: choice.tastes, isVisitor: false });
  }
}
