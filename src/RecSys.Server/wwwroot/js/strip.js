// The newest actions: for each, the path of its data through the system, with times.

import { $, copyButton, h, icon, put } from "./dom.js";
import { KINDS, ago, atClock, capital, count, did, many, middle, ms, titleOf, words } from "./format.js";
import { emit, state } from "./state.js";

const KEPT = 30;
const SOURCES = 3;

const entries = new Map(); // action id → its element

/** Adds an action to the strip. Change it, then call `showStrip(action)`. */
export function addAction(action) {
  const [last] = state.actions;
  state.actions = [action, ...state.actions].slice(0, KEPT);
  for (const id of [...entries.keys()].filter((id) => !state.actions.some((one) => one.id === id))) {
    entries.get(id).remove();
    entries.delete(id);
  }
  if (!last) {
    put($("#strip-list"));
  }
  entries.set(action.id, h("li", { class: "entry" }));
  $("#strip-list").prepend(entries.get(action.id));
  showStrip(action);
  if (last) {
    showStrip(last); // the entry before it is closed, unless the user opened it
  }
}

export function startStrip(strip) {
  put(strip,
    h("div", { class: "strip-head" },
      h("h2", { id: "strip-title" }, "What just happened"),
      h("button", { class: "strip-bar", id: "strip-toggle", "aria-expanded": "false", "aria-controls": "strip-list", on: { click: () => toggleStrip() } },
        h("span", { class: "strip-now", id: "strip-now" }), h("span", { class: "strip-name" }, "What just happened"), icon("up"))),
    h("ol", { class: "strip-list", id: "strip-list", tabindex: "-1", "aria-labelledby": "strip-title" }, nothing()));
  showNow();
}

export function toggleStrip(isOpen = !$("#strip").classList.contains("open")) {
  $("#strip").classList.toggle("open", isOpen);
  $("#strip-toggle").setAttribute("aria-expanded", String(isOpen));
}

export function showStrip(action) {
  for (const one of action ? [action] : state.actions) {
    const element = entries.get(one.id);
    if (element) {
      const key = element.contains(document.activeElement) ? document.activeElement.dataset.key ?? "summary" : null;
      put(element, entry(one));
      if (key) {
        ($(`[data-key="${key}"]`, element) ?? $("summary", element)).focus({ preventScroll: true });
      }
    }
  }
  showNow();
}

function showNow() {
  const [newest] = state.actions;
  put($("#strip-now"), newest ? [what(newest), h("span", { class: "strip-sum" }, sum(newest))]
    : "Nothing has happened yet");
}

function nothing() {
  return h("li", { class: "strip-none" },
    h("p", null, "Nothing yet. Do something with an item, and see here where it went:"),
    h("ol", { class: "way" },
      station("Log", "stored durably before it is acknowledged", "", "idle"),
      station("Profile", "what this person did, held in memory", "", "idle"),
      station("Candidates", "items that several sources return", "", "idle"),
      station("Slate", "filtered, ranked, varied: what you see", "", "idle")));
}

/** "Bought Halden copper kettle"; what was not recorded if it failed; and the user's name if another user is shown now. */
function what(action) {
  const isNot = action.state === "failed" && action.position === undefined;
  return [h("b", null, isNot ? `${KINDS[action.type]?.does ?? action.type}: not recorded` : capital(did(action.type))), ` ${titleOf(action.item)}`, action.value !== undefined && `: ${action.value}`,
    action.user.userId !== state.user?.userId && h("span", { class: "muted" }, ` · ${action.user.name}`)];
}

function sum(action) {
  switch (action.state) {
    case "sent": return "on its way to the log…";
    case "logged": return "in the log; asking for the new slate…";
    case "reflected": return `reflected after ${ms(action.reflectedMs)}`;
    case "stale": return "in the log, not reflected yet"; // the page has stopped asking
    case "takenBack": return "taken back";
    default: return "failed";
  }
}

function station(name, text, time, look) {
  return h("li", { class: `station ${look}` }, h("span", { class: "dot", "aria-hidden": "true" }),
    h("span", { class: "station-name" }, name), h("span", { class: "station-time" }, time), h("span", { class: "station-text" }, text));
}

const isProfile = (stage) => /profile|view|user/i.test(stage);
const isCandidates = (stage) => /candidate|source/i.test(stage);

function stageTime(stages, accepts) {
  const times = Object.entries(stages ?? {}).filter(([name]) => accepts(name)).map(([, value]) => value);
  return times.length > 0 ? ms(times.reduce((all, one) => all + one, 0)) : "";
}

function sourcesText(counts) {
  const found = Object.entries(counts ?? {}).filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]);
  const rest = found.slice(SOURCES).reduce((all, [, n]) => all + n, 0);
  const named = found.slice(0, SOURCES).map(([name, n]) => `${words(name)} ${count(n)}`);
  return [...named, ...(rest > 0 ? [`others ${count(rest)}`] : [])].join(" · ") || "no source returned any";
}

function changeText({ moved, came, left: { length: left } }) {
  const parts = [moved > 0 && `${moved} moved`, came > 0 && `${came} came`, left > 0 && `${left} left`].filter(Boolean);
  return parts.length > 0 ? parts.join(" · ") : "the same items in the same order";
}

function way(action) {
  const { slate } = action;
  const isLogged = action.position !== undefined;
  const look = (isDone) => (isDone ? "done" : action.state === "failed" || action.state === "stale" ? "never" : "due");
  const isIn = slate !== undefined && action.state !== "stale";
  return h("ol", { class: "way" },
    station("Log", isLogged ? [`position `, h("code", { title: action.position }, middle(action.position, 22))] : action.state === "failed" ? "not written" : "waiting for its acknowledgement",
      isLogged ? ms(action.postMs) : "", look(isLogged)),
    station("Profile", slate?.interactionsHeld === undefined ? "" : many(slate.interactionsHeld, "interaction"),
      stageTime(slate?.stages, isProfile), look(isIn)),
    station("Candidates", slate ? sourcesText(slate.sourceCounts) : "", stageTime(slate?.stages, isCandidates), look(isIn)),
    station("Slate", action.change ? changeText(action.change) : slate ? "a newer slate is shown" : "",
      stageTime(slate?.stages, (name) => !isProfile(name) && !isCandidates(name)), look(isIn)));
}

/** "reflected after 9 ms; model of 14:32, 3 interactions newer than it". */
function verdict(action) {
  const { slate } = action;
  if (action.state === "failed") {
    return h("div", { class: "verdict harm" }, h("p", null, h("b", null, action.error.title), ` ${action.error.detail ?? ""}`),
      action.again && h("button", { class: "quiet small", on: { click: action.again } }, "Try again"));
  }
  if (action.state === "sent" || action.state === "logged") {
    return h("p", { class: "verdict" }, capital(sum(action)));
  }
  const isServed = slate?.modelVersion !== undefined && state.status?.modelVersion === slate.modelVersion;
  const at = isServed && state.status.modelAt ? `model of ${atClock(state.status.modelAt)}` : slate?.modelVersion ? `model ${slate.modelVersion}` : "no model yet";
  const newer = slate?.interactionsSinceModel;
  return h("p", { class: "verdict" }, h("b", null, capital(sum(action))), "; ", at,
    newer === undefined || !slate?.modelVersion ? "" : newer === 0 ? ", nothing newer than it" : `, ${many(newer, "interaction")} newer than it`,
    slate?.freshnessMs !== undefined && h("span", { title: "The age of the oldest record of the log that the answer may not reflect" }, `; freshness ${ms(slate.freshnessMs)}`), ".",
    slate?.degraded && ` Served by ${slate.servedBy}.`);
}

function entry(action) {
  const isNewest = action === state.actions[0];
  const pre = h("pre", { class: "curl", tabindex: "0", "aria-label": "curl", hidden: !action.isCurlOpen }, action.curls.join("\n\n"));
  const toggle = h("button", {
    class: "quiet small", "aria-expanded": String(action.isCurlOpen === true), data: { key: "curl" }, title: "The same calls as curl",
    on: {
      click: () => {
        action.isCurlOpen = !action.isCurlOpen;
        pre.hidden = !action.isCurlOpen;
        toggle.setAttribute("aria-expanded", String(action.isCurlOpen));
      },
    },
  }, "curl", icon("down"));
  return h("details", { open: action.isOpen ?? isNewest },
    h("summary", { data: { key: "summary" }, on: { click: (event) => { action.isOpen = !event.currentTarget.parentElement.open; } } },
      h("span", { class: `entry-mark ${action.type}` }, icon(KINDS[action.type]?.like ?? action.type)),
      h("span", { class: "entry-what", title: titleOf(action.item) }, what(action)),
      h("span", { class: "entry-when" }, isNewest || action.state !== "reflected" ? ago(action.at) : h("span", { title: "reflected after" }, ms(action.reflectedMs)))),
    way(action),
    verdict(action),
    action.curls.length > 0 && h("div", { class: "entry-foot" }, toggle, copyButton(() => action.curls.join("\n\n"), "Copy"),
      action.canTakeBack && h("button", { class: "quiet small", on: { click: () => emit("takeBack", action) } }, icon("take"), h("span", null, "Take back"))),
    action.curls.length > 0 && pre);
}
