// The state of the page, and its events.

export const COUNT = 10; // items of a shelf, and of the slate that an explanation is about

export const state = {
  shop: null,           // { shoppers, categories } in play mode, else null
  categories: [],
  shoppers: [],         // the users to choose from: those of the made-up shop, or those who were active last
  user: null,           // { userId, name, tastes, isVisitor }
  slate: null,          // the newest recommendations
  status: null,         // the newest /v1/status
  opened: null,         // the item that this user opened last
  position: undefined,  // the position of this user's newest write; reads wait for it
  history: [],          // the user's interactions, newest first
  actions: [],          // newest first
  touched: new Map(),   // item id → the interaction of this user with the largest weight
};

const listeners = new Map();

export function on(event, listener) {
  listeners.set(event, [...(listeners.get(event) ?? []), listener]);
}

export function emit(event, detail) {
  for (const listener of listeners.get(event) ?? []) {
    listener(detail);
  }
}

const WEIGHTS = ["view", "click", "dislike", "rating", "like", "addToCart", "hide", "purchase"];

const weightOf = (type) => (type === undefined || WEIGHTS.includes(type) ? WEIGHTS.indexOf(type) : WEIGHTS.indexOf("like"));

/** Stores an interaction with an item, if it has a larger weight than the stored one; views and clicks are not stored. */
export function touch(itemId, type) {
  if (type !== "view" && type !== "click" && weightOf(type) > weightOf(state.touched.get(itemId))) {
    state.touched.set(itemId, type);
  }
}

const USER = "recsys.user";

export function rememberedUser() {
  try {
    const user = JSON.parse(sessionStorage.getItem(USER));
    return typeof user?.userId === "string" ? user : null;
  } catch {
    return null;
  }
}

export function rememberUser(user) {
  sessionStorage.setItem(USER, JSON.stringify(user));
}

export function freshId(prefix) {
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return prefix + [...bytes].map((byte) => byte.toString(36).padStart(2, "0")).join("");
}

export function newVisitor() {
  return { userId: freshId("visitor-"), name: "New visitor", tastes: [], isVisitor: true };
}

export function anyShopper() {
  const others = state.shoppers.filter((shopper) => shopper.userId !== state.user?.userId);
  const [draw] = crypto.getRandomValues(new Uint32Array(1));
  return others[draw % others.length];
}

/** `Ada` → `Ada’s`; `New visitor` → `the new visitor’s`. */
export function whose() {
  const { user } = state;
  return user.isVisitor ? "the new visitor’s" : `${user.name}’s`;
}
