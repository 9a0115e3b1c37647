// The actions of a user on an item: recorded, shown with their times once the slate reflects them, and retracted.

import { api } from "./api.js";
import { showFailure } from "./away.js";
import { say } from "./dom.js";
import { KINDS, did, ms, nth, titleOf } from "./format.js";
import { COUNT, emit, freshId, state } from "./state.js";
import { addAction, showStrip } from "./strip.js";
import { shelves, showHistory, slate } from "./window.js";

const REFLECT_MS = 3_000; // how long a click may take to be reflected before the page says that it is not
const REASONS_MAX = 3;

export async function act(type, item, recommendationId, value) {
  const action = { id: freshId("act-"), type, item, value, at: new Date().toISOString(), state: "sent", curls: [], user: state.user, recommendationId };
  addAction(action);
  await send(action);
}

/** Records an action. Sent twice, it counts once: its id is the same. */
async function send(action) {
  const { type, item, user } = action;
  set(action, { state: "sent", error: undefined, again: undefined });
  try {
    const posted = await api.record({ userId: user.userId, itemId: item.itemId, type, value: action.value, recommendationId: action.recommendationId, id: action.id });
    set(action, { state: "logged", position: posted.body.position, postMs: posted.ms, acknowledgedAt: posted.acknowledgedAt, curls: [posted.curl], canTakeBack: true });
  } catch (error) {
    set(action, { state: "failed", error, again: () => send(action) });
    say(`${KINDS[type].does}, not recorded: ${error.title}`);
    showFailure(error);
    emit("acted", action);
    return;
  }
  if (user === state.user) {
    state.position = action.position;
    state.history = [{ itemId: item.itemId, type, value: action.value, title: item.title, timestamp: action.at, id: action.id }, ...state.history];
    showHistory();
  }
  await reflect(action);
}

function set(action, values) {
  Object.assign(action, values);
  showStrip(action);
}

/** Repeats the request until the slate reflects the action, and measures the time since its acknowledgement. */
async function reflect(action) {
  const { user, position, acknowledgedAt } = action;
  try {
    for (let isWaiting = true; isWaiting;) {
      const answer = await slate({ user, after: position, isMove: true });
      const isIn = answer.slate.reflected !== false;
      const tookMs = answer.at - acknowledgedAt;
      isWaiting = !isIn && tookMs < REFLECT_MS;
      set(action, {
        slate: answer.slate, curls: [action.curls[0], answer.curl], change: sum(action.change, answer.change), reflectedMs: tookMs,
        state: isIn ? "reflected" : isWaiting ? "logged" : "stale",
      });
    }
  } catch (error) {
    set(action, { state: "failed", error, again: () => { set(action, { state: "logged", error: undefined, again: undefined }); reflect(action); } });
    return;
  }
  sayChange(action);
  emit("acted", action);
  if (user === state.user) {
    await tellLeft(action);
  }
}

function sum(before, change) {
  if (change === null) {
    return before;
  }
  const { moved, came, left } = before ?? { moved: 0, came: 0, left: [] };
  return { moved: moved + change.moved, came: came + change.came.length, left: [...left, ...change.left] };
}

function sayChange({ item, type, value, state: stands, reflectedMs, change }) {
  const changes = change ? ` For you: ${change.moved} moved, ${change.came} came, ${change.left.length} left.` : "";
  say(`${titleOf(item)}: ${did(type)}${value === undefined ? "" : ` ${value}`}. ${stands === "reflected" ? `Reflected after ${ms(reflectedMs)}` : "Not reflected yet"}.${changes}`);
}

/** Shows which items left the shelf For you, and why: the rule of the user's own action, otherwise the server's explanation. */
async function tellLeft(action) {
  const left = action.change?.left ?? [];
  if (left.length === 0) {
    return;
  }
  const reasons = await Promise.all(left.slice(0, REASONS_MAX).map(async (item) => ({ item, why: await whyLeft(item, action) })));
  if (action === state.actions[0]) {
    shelves.forYou.tellLeft(reasons);
  }
}

async function whyLeft(item, action) {
  if (item.itemId === action.item.itemId && KINDS[action.type].gone) {
    return KINDS[action.type].gone;
  }
  try {
    const { body } = await api.explanation(action.user.userId, item.itemId, { count: COUNT, after: action.position });
    return body.outcome === "outranked" && body.position !== undefined ? `outranked: now ${nth(body.position + 1)}` : body.reason ?? "others came before it";
  } catch {
    return "others came before it";
  }
}

export async function takeBack(action) {
  const { user, item } = action;
  try {
    const taken = await api.takeBack(user.userId, action.id);
    set(action, { canTakeBack: false, state: "takenBack", curls: [action.curls[0], taken.curl] });
    if (user === state.user) {
      state.position = taken.body.position;
      state.history = state.history.filter((entry) => entry.id !== action.id);
      showHistory();
      const answer = await slate({ after: taken.body.position, isMove: true });
      set(action, { slate: answer.slate, change: sum(undefined, answer.change) });
      emit("acted", action);
    }
    say(`Taken back: ${titleOf(item)}`);
  } catch (error) {
    showFailure(error);
  }
}
