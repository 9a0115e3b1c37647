// Formats numbers, times and words for people, always with units.

import { h } from "./dom.js";

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const clock = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hour12: false });
const exact = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium", hour12: false });
const ordinals = new Intl.PluralRules("en", { type: "ordinal" });
const SUFFIX = { one: "st", two: "nd", few: "rd", other: "th" };

export const count = (n) => whole.format(n);
export const many = (n, one, more = one + "s") => `${count(n)} ${n === 1 ? one : more}`;
export const nth = (n) => `${n}${SUFFIX[ordinals.select(n)]}`;
export const percent = (x) => `${Math.round(100 * x)} %`;

/** Returns how many users choose an item with this confidence; a small percentage would read as a bad match. */
export const oddsOf = (x) => x >= 0.15 ? `About ${Math.min(9, Math.round(10 * x))} in 10 choose it`
  : x >= 0.01 ? `About 1 in ${Math.round(1 / x)} choose it`
  : "Fewer than 1 in 100 choose it";
export const atClock = (time) => clock.format(new Date(time));
export const signed = (x) => (x < 0 ? "−" : "+") + Math.abs(x).toFixed(3);

export function ms(value) {
  if (value < 10) {
    return `${value === 0 ? 0 : value.toFixed(1)} ms`;
  }
  return value < 1000 ? `${Math.round(value)} ms` : duration(value);
}

export function duration(value) {
  const seconds = value / 1000;
  if (seconds < 60) {
    return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  }
  if (seconds < 3600) {
    return `${Math.round(seconds / 60)} min`;
  }
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}

/** How long ago, with the exact time on hover. Refreshed by `age()`. */
export function ago(time) {
  const at = new Date(time);
  return h("time", { datetime: at.toISOString(), title: exact.format(at) }, agoText(at));
}

const agoText = (at) => {
  const since = Date.now() - at.getTime();
  return since < 5000 ? "just now" : `${duration(since)} ago`;
};

export function age() {
  for (const element of document.querySelectorAll("time[datetime]")) {
    element.textContent = agoText(new Date(element.getAttribute("datetime")));
  }
}

export function middle(text, max) {
  const half = (max - 1) >> 1;
  return text.length <= max ? text : `${text.slice(0, half)}…${text.slice(-half)}`;
}

export const KINDS = {
  view: { did: "viewed", does: "View" },
  click: { did: "clicked", does: "Click" },
  like: { did: "liked", does: "Like", gone: "liked: not shown again" },
  dislike: { did: "disliked", does: "Dislike", gone: "disliked: not shown again" },
  addToCart: { did: "added to cart", does: "Add to cart", stamp: "in the cart" },
  removeFromCart: { did: "taken out of the cart", does: "Remove from cart" },
  purchase: { did: "bought", does: "Buy", gone: "bought: not shown again" },
  rating: { did: "rated", does: "Rate", gone: "rated: not shown again" },
  hide: { did: "hid", does: "Hide", gone: "hidden: not shown again" },
};

export const did = (type) => KINDS[type]?.did ?? words(type);
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** `coVisited` → `co-visited`, `add_to_list` → `add to list`: names as words. */
export const words = (name) => name.replace(/[_-]+/g, " ").trim().replace(/([a-z])([A-Z])/g, (_, a, b) => `${a} ${b.toLowerCase()}`).replace(/^co /, "co-") || name;

export const titleOf = (item) => item.title || item.itemId;

export function priceOf({ price, currency }) {
  return price === undefined ? undefined
    : new Intl.NumberFormat("en", currency ? { style: "currency", currency } : { minimumFractionDigits: 2, maximumFractionDigits: 6 }).format(price);
}

/** "Out of stock", "3 in stock", or undefined where it is not counted. */
export const stockOf = ({ stock }) => (stock === undefined ? undefined : stock === 0 ? "Out of stock" : `${count(stock)} in stock`);
