// The status of the server (model, log, freshness, degradation tier), and commands to try next.

import { copyButton, h, put } from "./dom.js";
import { ago, count, duration, ms } from "./format.js";
import { state } from "./state.js";
import { buttonsOf, openType } from "./types.js";

const TIERS = [
  ["full", "everything takes part"], ["reduced", "a late source or ranker is left out"], ["batch", "the model alone, without the last clicks"],
  ["cached", "a slate made shortly before"], ["trending", "what trends, the same for all"],
];

const COMMANDS = [
  "recsys import items items.csv --data shop",
  "recsys import interactions clicks.csv --data shop",
  "recsys serve --data shop",
].join("\n");

const callOf = (type) => `curl '${location.origin}/v1/interactions' \\
  -H 'Content-Type: application/json' \\
  -d '{"userId":"USER","itemId":"ITEM","type":"${type}"}'`;

const fact = (name, value, note) => h("div", { class: "fact" }, h("dt", null, name), h("dd", null, value, note && h("span", { class: "fact-note" }, note)));

export function showFoot(foot, error) {
  const { status } = state;
  const next = state.shop ? COMMANDS : callOf(openType() ?? buttonsOf(true)[0]);
  const tier = TIERS.findIndex(([name]) => name === status?.servedBy);
  put(foot,
    h("section", { class: "foot-facts", "aria-label": "What serves" },
      h("h2", null, "What serves you"),
      status ? h("dl", { class: "facts" },
        fact("Model", status.modelVersion ?? "none yet", status.modelAt ? ["made ", ago(status.modelAt)] : "until one is trained, slates come from clicks and trends"),
        fact("In the log", count(status.logEnd), status.logEnd === 1 ? "record" : "records"),
        status.freshnessMs === undefined ? fact("Freshness", "not known yet", "the log is not being ingested yet") : fact("Freshness", status.freshnessMs < 1 ? "all reflected" : ms(status.freshnessMs), status.freshnessMs < 1 ? "nothing waits to be taken in" : "old is the oldest record not taken in"),
        fact("Program", status.version)) : h("p", null, error ? "No answer from /v1/status; the shelves may be out of date." : "Requesting the server's status…"),
      h("ol", { class: "ladder", "aria-label": "The ladder of degradation" }, TIERS.map(([name, text], at) =>
        h("li", { class: at === tier ? "tier here" : "tier", title: text, "aria-current": at === tier ? "step" : undefined }, name)),
        tier < 0 && status && h("li", { class: "tier here" }, status.servedBy)),
      status && h("p", { class: "foot-note" }, tier === 0 ? "Answers are from the best tier: the full pipeline." : `In use: ${TIERS[tier]?.[1] ?? status.servedBy}. The server returns to a better tier by itself.`)),
    h("section", { class: "foot-next", "aria-label": "What next" },
      h("h2", null, state.shop ? "Your own data, in three commands" : "Send the clicks of your shop"),
      h("pre", { tabindex: "0", "aria-label": "Commands" }, next),
      h("div", { class: "foot-row" }, copyButton(next, "Copy"), h("a", { class: "quiet small", href: "reference.html" }, "API reference"))));
}

export const STALE_MS = 5_000;
export const staleText = (freshnessMs) => `Interactions of the last ${duration(freshnessMs)} may not be reflected yet.`;
