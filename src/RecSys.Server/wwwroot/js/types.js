// The types of interaction of this server: which of them are buttons, and how they are worded.

import { KINDS, capital, words } from "./format.js";

const FIRST = ["like", "addToCart", "hide", "purchase"]; // in the order of a card's buttons
const OPENS = ["view", "click"];
const CARD_MAX = 4;
const STEPS_MAX = 10; // a rating on a longer scale is typed

let buttons = FIRST;
let opens = OPENS[0];
let liked = new Set([...OPENS, ...FIRST]);
let ratings = [];

/** Reads the types from the server's settings. */
export function learnTypes(types) {
  for (const type of types) {
    const kind = KINDS[type.name] ??= ownKind(type, types);
    kind.gone = type.comesBack ? undefined : kind.gone ?? `${kind.did}: not shown again`;
  }
  const names = types.map((type) => type.name);
  opens = OPENS.find((name) => names.includes(name)) ?? types.find((type) => OPENS.includes(type.like) && KINDS[type.name].isWorded && type.weight > 0)?.name;
  const others = types.filter((type) => !type.isRating && type.name !== opens && ![...FIRST, ...OPENS].includes(type.name)).map((type) => type.name);
  buttons = [...FIRST.filter((name) => names.includes(name)), ...others];
  liked = new Set(types.filter((type) => type.weight > 0).map((type) => type.name));
  ratings = types.filter((type) => type.isRating).map((type) => ({ type: type.name, min: type.ratingMin, max: type.ratingMax, steps: stepsOf(type) }));
}

/** The words of a type of the server's own: those that the server gives, unless another type has the same. */
function ownKind({ name, like, did }, types) {
  const isWorded = did !== undefined && types.filter((type) => type.did === did).length === 1;
  return { did: isWorded ? did : words(name), does: capital(words(name)), like, isOwn: true, isWorded };
}

/** The choices of a scale, such as 1, 2, 3, 4, 5; none if there are too many. */
function stepsOf({ ratingMin: min, ratingMax: max }) {
  return Number.isInteger(min) && Number.isInteger(max) && max - min < STEPS_MAX ? Array.from({ length: max - min + 1 }, (_, step) => min + step) : [];
}

/** The types that have a button on a card, or with `isAll` in the panel of an item. */
export const buttonsOf = (isAll) => (isAll ? buttons : buttons.slice(0, CARD_MAX));

/** Whether a card has a button that leads to the ratings in the panel. */
export const hasRateButton = () => ratings.length > 0 && buttons.length < CARD_MAX;

/** The types whose value is a rating: `{ type, min, max, steps }`. */
export const ratingsOf = () => ratings;

/** The type that is recorded when an item is opened; undefined if the server has none. */
export const openType = () => opens;

export const isLiked = (type) => liked.has(type);
