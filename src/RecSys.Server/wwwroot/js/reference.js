// The API reference: read from /openapi/v1.json, shown as plain text.

import { call } from "./api.js";
import { $, copyButton, h, put } from "./dom.js";
import { startTheme } from "./theme.js";

const METHODS = ["get", "post", "put", "patch", "delete"];
const DEPTH = 3;

startTheme($("#theme"));
load();

async function load() {
  try {
    show((await call("GET", "/openapi/v1.json")).body);
  } catch (error) {
    put($("#main"), h("h1", null, "API reference"),
      h("div", { class: "notice harm" }, h("div", { class: "notice-text" }, h("p", { class: "notice-title" }, error.title), h("p", null, error.detail)),
        h("button", { class: "quiet", on: { click: load } }, "Ask again")));
  }
}

function show(api) {
  const calls = Object.entries(api.paths ?? {}).flatMap(([path, item]) => METHODS.filter((method) => item[method]).map((method) => ({
    path, method, operation: item[method], parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])], id: anchor(method, path),
  })));
  const groups = Map.groupBy(calls, groupOf);
  put($("#contents"), [...groups].map(([name, members]) => [h("h2", null, name), members.map((one) =>
    h("a", { href: `#${one.id}` }, h("span", { class: "method" }, one.method.toUpperCase()), h("span", null, one.path.replace(/^\/v1/, ""))))]));
  put($("#main"), h("h1", null, api.info?.title ?? "API reference"), h("p", { class: "lede" }, api.info?.description ?? "All calls, as this server answers them."),
    h("p", { class: "muted" }, "Any other status is a problem (RFC 9457) whose detail names the field and the limit."),
    [...groups].map(([name, members]) => h("section", { class: "group" }, h("h2", null, name), members.map((one) => callOf(one, api)))));
  if (location.hash.length > 1) {
    document.getElementById(location.hash.slice(1))?.scrollIntoView(); // an id of anchor() has nothing to decode, and a fragment may be malformed
  }
}

const anchor = (method, path) => `${method}${path.replace(/[^A-Za-z0-9]+/g, "-")}`;
const groupOf = (one) => one.operation.tags?.[0] ?? one.path.split("/").find((part) => part && part !== "v1") ?? "other";

function callOf({ method, path, operation, parameters, id }, api) {
  const found = parameters.map((one) => resolve(one, api));
  const body = content(resolve(operation.requestBody, api));
  const curl = curlOf(method, path, found, body, api);
  return h("article", { class: "call", id },
    h("h3", null, h("span", { class: "method" }, method.toUpperCase()), h("code", null, path)),
    operation.summary && h("p", null, operation.summary),
    operation.description && operation.description !== operation.summary && h("p", { class: "muted" }, operation.description),
    found.length > 0 && [h("h4", null, "Parameters"), table(found.map((one) => ({
      name: one.name, type: `${typeOf(one.schema, api)} in ${one.in}`, text: one.description, isRequired: one.required,
    })))],
    body && [h("h4", null, "Body"), fields(body, api)],
    Object.entries(operation.responses ?? {}).filter(([status]) => status !== "default").map(([status, response]) => {
      const answer = resolve(response, api);
      const schema = content(answer);
      return [h("h4", null, `${status} ${answer?.description ?? ""}`), schema && fields(schema, api)];
    }),
    h("h4", null, "curl"), h("pre", { tabindex: "0", "aria-label": "curl" }, curl), copyButton(curl));
}

const content = (body) => Object.values(body?.content ?? {})[0]?.schema;

function resolve(value, api) {
  let found = value;
  for (let step = 0; found?.$ref?.startsWith("#/") && step < 8; step++) {
    found = found.$ref.slice(2).split("/").reduce((at, name) => at?.[name.replaceAll("~1", "/").replaceAll("~0", "~")], api);
  }
  return found;
}

/** The object that a schema describes: of its first alternative, and without the array around it. */
function objectOf(schema, api) {
  const found = resolve(schema, api);
  return resolve(found?.items ?? found?.oneOf?.[0] ?? found?.anyOf?.[0] ?? found, api);
}

function typeOf(schema, api, depth = 0) {
  const found = resolve(schema, api);
  if (!found || depth > DEPTH) {
    return "any";
  }
  const options = found.oneOf ?? found.anyOf;
  if (options) {
    return options.map((one) => typeOf(one, api, depth + 1)).join(" or ");
  }
  const type = [found.type ?? (found.properties ? "object" : "any")].flat().filter((one) => one !== "null").join(" or ");
  return type === "array" ? `array of ${typeOf(found.items, api, depth + 1)}` : found.format ? `${type}, ${found.format}` : type;
}

function fields(schema, api) {
  const inner = objectOf(schema, api);
  const properties = Object.entries(inner?.properties ?? {});
  if (properties.length === 0) {
    return h("p", { class: "muted" }, typeOf(schema, api));
  }
  return table(properties.map(([name, value]) => ({
    name, type: typeOf(value, api), text: value.description ?? resolve(value, api)?.description, isRequired: inner.required?.includes(name),
  })));
}

const table = (rows) => h("table", { class: "fields" }, h("tbody", null, rows.map((row) => h("tr", null,
  h("td", null, h("code", null, row.name), row.isRequired && h("span", { class: "must" }, "required")), h("td", null, row.type), h("td", null, row.text ?? "")))));

function curlOf(method, path, parameters, body, api) {
  const query = parameters.filter((one) => one.in === "query" && one.required).map((one) => `${one.name}=…`).join("&");
  const lines = [`curl ${method === "get" ? "" : `-X ${method.toUpperCase()} `}'${location.origin}${path}${query && `?${query}`}'`];
  if (body) {
    const sample = Object.fromEntries((objectOf(body, api)?.required ?? []).map((name) => [name, "…"]));
    lines.push("-H 'Content-Type: application/json'", `-d '${JSON.stringify(resolve(body, api)?.type === "array" ? [sample] : sample)}'`);
  }
  return lines.join(" \\\n  ");
}
