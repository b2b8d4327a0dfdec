// The part of JSON Schema 2020-12 that the manifest's schema is written in. A keyword that is not
// here is refused, so that none is silently skipped; a test reads the schema and holds it.

import { Real, same } from "./strictjson.js";

const ANNOTATIONS = ["$schema", "$id", "$defs", "title", "description"];
const isNumber = (value) => ["number", "bigint"].includes(typeof value) || value instanceof Real;
const TYPES = {
  object: (value) => value instanceof Map,
  array: Array.isArray,
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
  number: isNumber,
  integer: (value) => isNumber(value) && (!(value instanceof Real) || Number.isInteger(value.value)),
};

// Returns the JSON pointers, each with the keyword that was broken, of what `document` breaks.
export function schemaFaults(schema, document) {
  const faults = [];
  judge(schema, document, "", { root: schema, faults });
  return faults;
}

function judge(schema, value, pointer, context) {
  for (const [keyword, rule] of Object.entries(schema)) {
    if (ANNOTATIONS.includes(keyword)) continue;
    if (!Object.hasOwn(KEYWORDS, keyword)) throw new Error(`schema keyword ${keyword} is not known`);
    const holds = KEYWORDS[keyword](rule, value, pointer, context, schema);
    if (!holds) context.faults.push(`${pointer || "/"} breaks ${keyword}`);
  }
}

function isValid(schema, value, { root }) {
  const faults = [];
  judge(schema, value, "", { root, faults });
  return !faults.length;
}

const KEYWORDS = {
  type: (rule, value) => [rule].flat().some((type) => TYPES[type](value)),
  const: (rule, value) => same(rule, value),
  enum: (rule, value) => rule.some((one) => same(one, value)),
  pattern: (rule, value) => !TYPES.string(value) || new RegExp(rule, "u").test(value),
  minLength: (rule, value) => !TYPES.string(value) || Array.from(value).length >= rule,
  maxLength: (rule, value) => !TYPES.string(value) || Array.from(value).length <= rule,
  minimum: (rule, value) => !isNumber(value) || numeric(value) >= rule,
  maximum: (rule, value) => !isNumber(value) || numeric(value) <= rule,
  minItems: (rule, value) => !TYPES.array(value) || value.length >= rule,
  maxItems: (rule, value) => !TYPES.array(value) || value.length <= rule,
  uniqueItems: (rule, value) =>
    !rule ||
    !TYPES.array(value) ||
    value.every((item, at) => value.findIndex((other) => same(item, other)) === at),
  required: (rule, value) => !TYPES.object(value) || rule.every((name) => value.has(name)),
  anyOf: (rule, value, _pointer, context) => rule.some((one) => isValid(one, value, context)),
  $ref: (rule, value, pointer, context) => {
    if (!rule.startsWith("#/$defs/")) throw new Error(`schema reference ${rule} is not known`);
    judge(context.root.$defs[rule.slice("#/$defs/".length)], value, pointer, context);
    return true;
  },
  items: (rule, value, pointer, context) => {
    if (TYPES.array(value)) {
      value.forEach((item, at) => judge(rule, item, `${pointer}/${at}`, context));
    }
    return true;
  },
  properties: (rule, value, pointer, context) => {
    for (const [name, inner] of Object.entries(rule)) {
      if (TYPES.object(value) && value.has(name)) {
        judge(inner, value.get(name), `${pointer}/${name}`, context);
      }
    }
    return true;
  },
  additionalProperties: (rule, value, pointer, context, schema) => {
    if (!TYPES.object(value)) return true;
    const known = schema.properties ?? {};
    const others = [...value.keys()].filter((name) => !Object.hasOwn(known, name));
    if (rule === false) return !others.length;
    for (const name of others) judge(rule, value.get(name), `${pointer}/…`, context);
    return true;
  },
};

function numeric(value) {
  return value instanceof Real ? value.value : value;
}
