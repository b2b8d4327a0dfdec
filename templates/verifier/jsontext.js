// JSON for people to read, as the Python side writes it (core/strict_json.py): indented, and with
// what a reader would not see escaped. A schema gives the order of an object's members.

import { hiddenTo, hexNumber } from "./base.js";
import { Real } from "./strictjson.js";

// Returns the text of a value that the strict reader gave, without the newline that ends a file.
export function writeJson(value, schema, root = schema, line = "\n") {
  const known = resolved(schema, root);
  const inner = `${line}  `;
  if (Array.isArray(value)) {
    const items = value.map((item) => writeJson(item, known.items ?? {}, root, inner));
    return items.length ? `[${inner}${items.join(`,${inner}`)}${line}]` : "[]";
  }
  if (value instanceof Map) {
    const rest = typeof known.additionalProperties === "object" ? known.additionalProperties : {};
    const names = known.properties ? Object.keys(known.properties) : [...value.keys()];
    const members = names.filter((name) => value.has(name)).map((name) => {
      const text = writeJson(value.get(name), known.properties?.[name] ?? rest, root, inner);
      return `${quoted(name)}: ${text}`;
    });
    return members.length ? `{${inner}${members.join(`,${inner}`)}${line}}` : "{}";
  }
  if (typeof value === "string") return quoted(value);
  return value instanceof Real ? realText(value.value) : String(value);
}

// Follows a reference, and of several forms the one that has members or items.
function resolved(schema, root) {
  if (schema.$ref) return resolved(root.$defs[schema.$ref.replace("#/$defs/", "")], root);
  const forms = (schema.anyOf ?? []).map((form) => resolved(form, root));
  return forms.find((form) => form.properties || form.items || form.additionalProperties) ?? schema;
}

function quoted(text) {
  const units = (char) => char.split("").map((unit) => `\\u${hexNumber(unit.charCodeAt(0), 4)}`);
  return hiddenTo((char) => units(char).join(""), JSON.stringify(text));
}

// Returns a double as Python writes it: the same digits, another exponent.
function realText(value) {
  if (Object.is(value, -0)) return "-0.0";
  const [digits, exponent] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power < -4 || power >= 16) {
    const sign = power < 0 ? "-" : "+";
    return `${digits}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  const text = String(value);
  if (!text.includes("e")) return text.includes(".") ? text : `${text}.0`;
  return value.toFixed(Math.max(0, digits.replace(/[-.]/g, "").length - 1 - power));
}
