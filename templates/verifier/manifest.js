// The manifest: what a bundle claims and how it was obtained (core/manifest.py, core/query.py).

import { RejectedError, visible } from "./base.js";
import { fromUtf8 } from "./bytes.js";
import { isUtc, parseInstant } from "./instant.js";
import { schemaFaults } from "./jsonschema.js";
import { writeJson } from "./jsontext.js";
import { MANIFEST, signerId } from "./names.js";
import { Real, readJson } from "./strictjson.js";

const TEXT = (value) => typeof value === "string";
const COUNT = (value) => ["number", "bigint"].includes(typeof value) && value >= 0;
const OBJECT = (value) => value instanceof Map;
const orNull = (rule) => (value) => value === null || rule(value);
const QUERY = {
  api_url: TEXT,
  request: OBJECT,
  job_id: TEXT,
  created_at: orNull(TEXT),
  completed_at: orNull(TEXT),
  downloaded_at: TEXT,
  preview: orNull(OBJECT),
  served_by: TEXT,
  response: OBJECT,
  clock: OBJECT,
  transformations: Array.isArray,
};
const RESPONSE = {
  status: COUNT,
  content_type: orNull(TEXT),
  content_length: orNull(COUNT),
  etag: orNull(TEXT),
  date: orNull(TEXT),
};
const CLOCK = {
  offset_seconds: orNull((value) => value instanceof Real || typeof value === "number"),
};

const orderOf = (form) => Object.fromEntries(Object.keys(form).map((name) => [name, {}]));
const QUERY_ORDER = {
  ...orderOf(QUERY),
  response: { properties: orderOf(RESPONSE) },
  clock: { properties: orderOf(CLOCK) },
};

// Returns the manifest's members, as far as this page judges by them. `schema` is manifest.v1.
export function readManifest(data, schema) {
  const document = readJson(data, MANIFEST);
  const faults = schemaFaults(schema, document);
  if (faults.length) {
    const told = `${visible(faults[0], 200)} (${faults.length} in all)`;
    throw new RejectedError("manifest.schema", `${MANIFEST}: ${told}`);
  }
  try {
    parseInstant(document.get("created_at"));
    for (const [name, value] of document) {
      if (name !== "query" && hasReal(value)) {
        throw new SyntaxError("a number is not written as the whole one that it is");
      }
    }
    const window = claimedWindow(document.get("window"));
    if (document.get("query") !== null) checkQuery(document.get("query"));
    refuseOtherForm(data, document, schema);
    return new Manifest(document, window);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new RejectedError("manifest.value", `${MANIFEST}: ${error.message}`);
  }
}

// Tells whether 1.0 stands somewhere: JSON Schema takes it for the integer 1.
function hasReal(value) {
  if (value instanceof Map) return [...value.values()].some(hasReal);
  return Array.isArray(value) ? value.some(hasReal) : value instanceof Real;
}

// The same manifest has the same bytes: members in their order, times in their one spelling.
function refuseOtherForm(data, document, schema) {
  const { properties } = schema;
  const ordered = { ...schema, properties: { ...properties, query: { properties: QUERY_ORDER } } };
  const isOneForm = `${writeJson(document, ordered)}\n` === fromUtf8(data);
  const [start, end] = [document.get("window").get("start"), document.get("window").get("end")];
  const isWindow = start === null ? end === null : isUtc(start) && isUtc(end);
  if (isOneForm && isWindow) return;
  const told = "is not in the one form that a manifest with this content has";
  throw new RejectedError("manifest.form", `${MANIFEST}: ${told}`);
}

class Manifest {
  constructor(document, window) {
    const plain = (name) => Object.fromEntries(document.get(name));
    this.bundleId = document.get("bundle_id");
    this.createdAt = document.get("created_at");
    this.toolVersion = document.get("tool").get("version");
    this.signer = document.get("signer").get("fingerprint");
    this.signerId = signerId(this.signer);
    this.template = document.get("template");
    this.checks = document.get("checks");
    this.window = window;
    this.span = window && plain("window"); // the same in words
    this.context = plain("context");
    this.export = plain("export");
    this.facts = plain("facts");
    this.schema = plain("schema");
    this.query = document.get("query");
    this.allowances = document.get("allowances");
    this.attachments = document.get("attachments").map((entry) => Object.fromEntries(entry));
    this.previous = document.get("previous") && plain("previous");
    this.files = [this.export, ...this.attachments];
  }
}

function claimedWindow(window) {
  const [start, end] = [window.get("start"), window.get("end")];
  if (start === null || end === null) return null;
  const found = { start: parseInstant(start), end: parseInstant(end) };
  if (found.end <= found.start) throw new SyntaxError("a window ends after it starts");
  return found;
}

function checkQuery(query) {
  checkMembers(query, "query", QUERY);
  for (const name of ["created_at", "completed_at", "downloaded_at"]) checkTime(query.get(name));
  if (query.get("preview")) checkMembers(query.get("preview"), "query.preview", { events: COUNT });
  if (!query.get("transformations").every(TEXT)) {
    throw new SyntaxError("query.transformations: not a list of strings");
  }
  checkMembers(query.get("response"), "response", RESPONSE);
  checkTime(query.get("response").get("date"));
  checkMembers(query.get("clock"), "clock", CLOCK);
}

function checkMembers(data, where, form) {
  const names = new Set([...data.keys(), ...Object.keys(form)]);
  for (const name of names) {
    if (!data.has(name)) throw new SyntaxError(`${where}: ${name} is missing`);
    if (!Object.hasOwn(form, name)) throw new SyntaxError(`${where}: ${visible(name)} is unknown`);
    if (!form[name](data.get(name))) {
      throw new SyntaxError(`${where}.${name}: not of the right type`);
    }
  }
}

function checkTime(value) {
  if (value !== null) parseInstant(value);
}
