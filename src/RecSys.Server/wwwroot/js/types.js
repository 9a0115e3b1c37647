// The kinds of interaction of this server: which of them are buttons, and how they are worded.

import { KINDS, capital, words } from "./format.js";

const FIRST = ["like", "addToCart", "hide", "purchase"]; // in the order of a card's buttons
const OPENS = ["view", "click"];
const CARD_MAX = 4;

let buttons = FIRST;
let opens = OPENS[0];
let liked = new Set([...OPENS, ...FIRST]);

/** Takes in what the settings of the server say. */
export function learnTypes(types) {
  for (const { name, comesBack } of types) {
    const kind = KINDS[name] ??= { did: words(name), does: capital(words(name)), isOwn: true };
    kind.gone = comesBack ? undefined : kind.gone ?? `${kind.did}: not shown again`;
  }
  const names = types.map((type) => type.name);
  const others = types.filter((type) => !type.isRating && ![...FIRST, ...OPENS].includes(type.name)).map((type) => type.name);
  buttons = [...FIRST.filter((name) => names.includes(name)), ...others];
  opens = OPENS.find((name) => names.includes(name));
  liked = new Set(types.filter((type) => type.weight > 0).map((type) => type.name));
}

/** The kinds that have a button on a card, or with `isAll` in the panel of an item. */
export const buttonsOf = (isAll) => (isAll ? buttons : buttons.slice(0, CARD_MAX));

/** The kind that opening an item counts as; undefined where the server has none for it. */
export const openType = () => opens;

export const isLiked = (type) => liked.has(type);
