// A picture for every item: its own, or a drawing.
// A motif is a list of marks in a field of 160 by 120. A mark is [tone, path], [tone, cx, cy, r] or [tone, x, y, width, height, radius];
// tones: a middle, b strong, c faint (on the others), e soft (on the ground), l a strong line, k a faint one.

import { h, s } from "./dom.js";
import { titleOf } from "./format.js";

const MOTIFS = {
  kitchen: [
    [/knife|board/, [["a", 44, 42, 72, 46, 8], ["c", 54, 80, 3.5], ["b", "M66 55h52c-3 13-16 20-32 20H66Z"], ["b", 36, 55, 32, 9, 4.5]]],
    [/kettle|teapot/, [["a", "M54 92c-4-24 6-38 26-38s30 14 26 38Z"], ["b", 66, 47, 28, 8, 4], ["l", "M62 46c2-22 34-22 36 0M104 70l16-12"], ["k", "M66 78c-1-8 2-13 8-16"]]],
    [/./, [["a", 48, 54, 64, 38, 9], ["b", 44, 47, 72, 9, 4], ["b", 80, 42, 5], ["l", "M46 66h-9M114 66h9"], ["k", "M58 64v16"], ["l", "M70 30c-4-5 4-7 0-12M90 30c-4-5 4-7 0-12"]]],
  ],
  garden: [
    [/can/, [["a", 60, 56, 40, 38, 7], ["l", "M60 80L42 58M36 62l12-9M100 62c20 0 20 24 0 24M66 56c4-18 24-18 28 0"], ["k", "M70 66v16"]]],
    [/bird|box/, [["b", "M50 58l30-24 30 24Z"], ["a", 57, 58, 46, 32, 3], ["c", 80, 73, 9], ["b", 77, 90, 6, 14, 2]]],
    [/./, [["a", "M80 74C54 68 52 46 56 34c20 4 26 22 24 40Z"], ["e", "M80 74c26-6 28-30 24-44-20 4-26 24-24 44Z"], ["l", "M80 76V54"], ["b", "M60 72h40l-5 26a4 4 0 0 1-4 3H69a4 4 0 0 1-4-3Z"]]],
  ],
  books: [
    [/atlas|guide|cook|history/, [["a", "M80 48c-10-7-22-8-36-5v46c14-3 26-2 36 5Z"], ["e", "M80 48c10-7 22-8 36-5v46c-14-3-26-2-36 5Z"], ["k", "M52 56c8-1 14 0 20 3M52 68c8-1 14 0 20 3"], ["l", "M88 59c6-3 12-4 20-3M88 71c6-3 12-4 20-3"]]],
    [/stor|poetry|essay/, [["a", 52, 42, 15, 50, 2], ["b", 69, 34, 13, 58, 2], ["e", "M86 45l13-3 13 47-13 3Z"], ["b", 42, 92, 76, 5, 2], ["k", "M56 52h7M56 58h7"]]],
    [/./, [["b", 46, 80, 66, 14, 3], ["a", 52, 64, 58, 14, 3], ["e", 44, 48, 60, 14, 3], ["k", "M58 71h30"], ["l", "M52 55h26"]]],
  ],
  games: [
    [/chess|strategy|board/, [["a", 80, 44, 13], ["a", "M72 58h16c0 14 6 18 9 28H63c3-10 9-14 9-28Z"], ["b", 68, 55, 24, 7, 3], ["b", 56, 86, 48, 10, 5]]],
    [/card/, [["a", "M48 48l32-9a4 4 0 0 1 5 3l11 40a4 4 0 0 1-3 5l-32 9a4 4 0 0 1-5-3L45 53a4 4 0 0 1 3-5Z"], ["e", 78, 40, 36, 50, 5], ["b", "M96 53l9 12-9 12-9-12Z"]]],
    [/./, [["a", 50, 44, 48, 48, 10], ["c", 62, 56, 4.5], ["c", 86, 56, 4.5], ["c", 74, 68, 4.5], ["c", 62, 80, 4.5], ["c", 86, 80, 4.5], ["b", 92, 32, 24, 24, 6], ["c", 104, 44, 3.5]]],
  ],
  audio: [
    [/phone|headset/, [["l", "M54 74v-8a26 26 0 0 1 52 0v8"], ["a", 44, 68, 19, 28, 8], ["a", 97, 68, 19, 28, 8], ["b", 57, 70, 7, 24, 3], ["b", 96, 70, 7, 24, 3]]],
    [/turntable|record/, [["a", 42, 42, 76, 52, 7], ["b", 72, 68, 21], ["c", 72, 68, 7], ["k", "M72 54a14 14 0 0 1 14 14"], ["l", "M106 52v20l-11 11"]]],
    [/./, [["a", 56, 32, 48, 66, 9], ["b", 80, 74, 16], ["c", 80, 74, 6], ["b", 80, 47, 7], ["c", 80, 47, 2.5]]],
  ],
  outdoor: [
    [/tent/, [["a", "M80 38l40 56H40Z"], ["b", "M80 58l17 36H63Z"], ["l", "M80 38l-4-7M80 38l4-7M40 94h80"]]],
    [/pack|rucksack/, [["l", "M68 46c0-16 24-16 24 0"], ["a", 56, 44, 48, 52, 16], ["b", 63, 68, 34, 22, 7], ["c", 73, 73, 14, 5, 2], ["k", "M66 58h28"]]],
    [/./, [["e", 106, 46, 10], ["a", "M36 96l34-54 24 36 8-11 22 29Z"], ["c", "M70 42l12 18-7 3-5-5-7 6-4-4Z"]]],
  ],
  running: [
    [/watch/, [["b", 74, 32, 12, 10, 3], ["a", 80, 70, 28], ["c", 80, 70, 20], ["l", "M80 70l9-11M80 56v3M94 70h-3M66 70h3"]]],
    [/singlet|vest|top/, [["a", "M62 38h10c2 12 14 12 16 0h10c0 14 4 20 10 23v33a3 3 0 0 1-3 3H55a3 3 0 0 1-3-3V61c6-3 10-9 10-23Z"], ["b", 52, 72, 56, 9, 0]]],
    [/./, [["a", "M44 58c8 5 16 2 22-6 4 2 7 1 9 0 8 16 20 20 34 23 6 2 8 6 8 11H44Z"], ["b", 42, 84, 76, 9, 4], ["k", "M72 66l7-4M79 73l7-4M87 78l6-4"]]],
  ],
  cycling: [
    [/helmet/, [["a", "M44 80c0-22 14-36 36-36s36 14 38 36Z"], ["k", "M58 74c0-12 4-18 12-22M78 74c-1-12 1-18 6-22M98 74c-2-10-1-14-2-18"], ["b", 40, 78, 80, 9, 4]]],
    [/bell/, [["b", 80, 42, 6], ["a", "M50 82a30 34 0 0 1 60 0Z"], ["b", 44, 80, 72, 9, 4], ["k", "M62 74c1-8 5-13 10-16"], ["l", "M80 89v8"]]],
    [/./, [["l", "M40 78a18 18 0 1 0 36 0a18 18 0 1 0-36 0M86 78a18 18 0 1 0 36 0a18 18 0 1 0-36 0M58 78l13-28h24l9 28M71 50l11 28 13-28M82 78H58M65 44h12M95 50l-3-10h10"], ["a", 58, 78, 5], ["a", 104, 78, 5], ["b", 82, 78, 5]]],
  ],
  coffee: [
    [/ pot/, [["a", "M58 40h40l-8 22H66Z"], ["a", "M66 66h24l9 28a3 3 0 0 1-3 3H60a3 3 0 0 1-3-3Z"], ["b", 62, 60, 32, 8, 3], ["b", 78, 34, 4.5], ["l", "M97 46h13v24"], ["k", "M69 78l-3 11"]]],
    [/pour|dripper/, [["a", "M52 38h56L90 64H70Z"], ["b", 68, 62, 24, 7, 3], ["e", "M70 69h20c18 8 20 20 18 28H52c-2-8 0-20 18-28Z"], ["b", "M54 86h52c2 4 2 8 2 11H52c0-3 0-7 2-11Z"]]],
    [/./, [["a", "M50 54h50v20a20 20 0 0 1-20 20H70a20 20 0 0 1-20-20Z"], ["l", "M100 60h6a9 9 0 0 1 0 18h-7M66 42c-4-5 4-8 0-14M82 42c-4-5 4-8 0-14"], ["k", "M60 64v10"], ["b", 42, 95, 66, 6, 3]]],
  ],
  home: [
    [/frame/, [["b", 50, 30, 60, 66, 6], ["e", 57, 37, 46, 52, 3], ["c", 90, 50, 6], ["a", "M57 84l15-20 11 13 6-6 14 14v1a3 3 0 0 1-3 3H60a3 3 0 0 1-3-3Z"]]],
    [/lamp/, [["a", "M65 34h30l13 34H52Z"], ["b", 77, 68, 6, 26, 2], ["b", 60, 92, 40, 7, 3], ["k", "M68 44l-5 14"]]],
    [/vase/, [["l", "M78 56c-2-14-8-20-16-24M83 56c0-16 6-22 14-28M80 56V36"], ["b", 60, 31, 7], ["e", 99, 27, 8], ["a", 80, 33, 7], ["a", "M70 56h22c0 6 12 12 12 26 0 10-6 16-10 16H68c-4 0-10-6-10-16 0-14 12-20 12-26Z"]]],
    [/./, [["a", 56, 40, 48, 40, 14], ["a", 42, 60, 20, 32, 9], ["a", 98, 60, 20, 32, 9], ["b", 56, 70, 48, 20, 6], ["l", "M54 94v6M106 94v6"]]],
  ],
  toys: [
    [/bear/, [["b", 59, 44, 11], ["b", 101, 44, 11], ["a", 80, 66, 29], ["c", 80, 77, 13], ["b", 69, 61, 3.5], ["b", 91, 61, 3.5], ["b", 80, 73, 4]]],
    [/robot/, [["l", "M80 40v-9"], ["b", 80, 28, 4.5], ["a", 56, 38, 48, 34, 9], ["c", 70, 55, 6], ["c", 90, 55, 6], ["b", 62, 75, 36, 22, 6], ["l", "M56 82h-6M110 82h-6"]]],
    [/./, [["e", "M80 30l19 32H61Z"], ["a", 44, 64, 34, 34, 5], ["b", 82, 64, 34, 34, 5], ["k", "M54 81h14"], ["c", 99, 81, 8]]],
  ],
  art: [
    [/easel|canvas/, [["l", "M62 100L76 34M98 100L84 34M80 86v12"], ["e", 48, 40, 64, 44, 3], ["a", "M52 80l18-22 13 14 8-8 17 16Z"], ["b", 96, 52, 5], ["b", 44, 83, 72, 6, 2]]],
    [/brush|pencil|marker/, [["l", "M70 68l-8-30M80 68V32M90 68l9-26"], ["b", "M58 40l1-13 8 11ZM76 34l4-13 4 13ZM96 44l7-11 1 13Z"], ["a", 60, 64, 40, 34, 7], ["k", "M68 76h16"]]],
    [/./, [["a", "M82 36c-26-2-42 14-40 34 2 16 16 26 28 25 10-1 3-12 11-15 10-4 34 6 37-13 2-16-14-29-36-31Z"], ["c", 62, 58, 6], ["b", 80, 50, 6], ["c", 98, 57, 6], ["b", 58, 75, 6]]],
  ],
};

const HUES = { red: 25, terracotta: 42, walnut: 55, birch: 80, brass: 85, gilded: 88, yellow: 95, green: 140, emerald: 160, mint: 168, blue: 235, indigo: 275 };

const BACKDROPS = [
  ["d", 80, 64, 46],
  ["d", "M34 120V70a46 46 0 0 1 92 0v50Z"],
  ["d", "M0 96c30-18 52-16 80-4s54 10 80-8v36H0Z"],
  ["d", "M0 120L160 30v90Z"],
];

/** A whole number from a text: FNV-1a, then a finisher, so that `p-0001` and `p-0002` differ in every bit. */
export function hash(text) {
  let value = 2166136261;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 16777619);
  }
  value = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  value = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  return (value ^ (value >>> 16)) >>> 0;
}

function mark([tone, ...at]) {
  if (at.length === 1) {
    return s("path", { class: `tone-${tone}`, d: at[0] });
  }
  if (at.length === 3) {
    return s("circle", { class: `tone-${tone}`, cx: at[0], cy: at[1], r: at[2] });
  }
  return s("rect", { class: `tone-${tone}`, x: at[0], y: at[1], width: at[2], height: at[3], rx: at[4] });
}

/** Whether there is a drawing of the item, as of all items of the simulated shop, which have the label `kind`. */
const isDrawn = (item) => typeof item.labels?.kind === "string" && Object.hasOwn(MOTIFS, (item.categories?.[0] ?? "").toLowerCase());

function motif(item, seed) {
  const category = (item.categories?.[0] ?? "").toLowerCase();
  const variants = isDrawn(item) && MOTIFS[category];
  if (!variants) {
    return unknown(item, hash(category), seed);
  }
  return variants.find(([words]) => words.test(item.labels.kind))[1].map(mark);
}

/** Any other item: rings or tiles by the category, with the title's first letter; without a title, with the end of the id, by which ids differ most. */
function unknown(item, family, seed) {
  const letters = item.title ? [...item.title.trim()].slice(0, 1) : [...item.itemId.trim()].slice(-2);
  const letter = letters.join("").toUpperCase() || "·";
  const frames = [
    () => [0, 1, 2].map((ring) => s("circle", { class: "tone-ring", cx: 80, cy: 62, r: 34 + 11 * ring })),
    () => [0, 1, 2, 3, 4, 5].map((tile) => mark(["d", 32 + 34 * (tile % 3), 26 + 38 * (tile > 2 ? 1 : 0), 28, 32, (seed >>> tile) % 2 ? 14 : 5])),
  ];
  return [
    ...frames[family % frames.length](),
    mark(["a", 80, 62, 27]),
    s("text", { class: "tone-letter", x: 80, y: 63, "text-anchor": "middle", "dominant-baseline": "central" }, letter),
  ];
}

/** The item's own picture, which a drawing replaces if it cannot be loaded; or the drawing. */
export function picture(item) {
  if (!item.image) {
    return drawing(item);
  }
  const image = h("img", {
    class: "picture photo", src: item.image, alt: titleOf(item), loading: "lazy", decoding: "async", referrerpolicy: "no-referrer", width: 160, height: 120,
    on: { error: () => image.replaceWith(drawing(item)) },
  });
  return image;
}

function drawing(item) {
  const seed = hash(item.itemId);
  const backdrop = mark(BACKDROPS[(seed >>> 4) % BACKDROPS.length]);
  const isKnown = isDrawn(item);
  const flip = isKnown && (seed >>> 9) % 2 ? "translate(160 0) scale(-1 1)" : undefined;
  const svg = s("svg", { class: "picture", viewBox: "0 0 160 120", preserveAspectRatio: "xMidYMid slice", "aria-hidden": "true", focusable: "false" },
    s("rect", { class: "tone-ground", width: 160, height: 120 }),
    isKnown && backdrop,
    s("g", { transform: flip }, motif(item, seed)));
  const colour = isKnown && titleOf(item).split(/[ -]/).find((word) => Object.hasOwn(HUES, word));
  svg.style.setProperty("--hue", String(colour ? HUES[colour] : (seed >>> 12) % 360));
  return svg;
}
