// Call functions of the page's modules: [module-less name, arguments] as JSON lines in and out.
// An argument { hex } is bytes, and so is an answer; an error is { error: code }.

import { readFileSync } from "node:fs";

const page = readFileSync(process.argv[2], "utf8");
const script = page.split('<script id="verifier">')[1].split("</script>")[0];
const names = [
  "Sha256", "sha256", "sha256Prefixed", "crc32", "visible", "count", "readJson", "parseInstant",
  "formatInstant", "isUtc", "PublicKey", "readToml", "Tree", "readEvent", "checkBrowser", "LIMITS",
  "deepest", "fromDer", "toDer", "Real", "schemaFaults", "surveyExport", "writeJson",
  "derivedId",
];
const api = new Function("self", `${script}\nreturn { ${names} };`)({});
api.inPieces = (data, size) => {
  const hash = new api.Sha256();
  for (let at = 0; at < data.length; at += size) hash.update(data.subarray(at, at + size));
  return hash.digest();
};
api.treeRoot = (records) => {
  const tree = new api.Tree();
  for (const record of records) tree.add(record);
  return tree.root();
};
api.fingerprint = (data) => api.PublicKey.fromBytes(data).fingerprint;
api.instant = (text) => api.formatInstant(api.parseInstant(text));
api.checkEvent = (data, depth) => void api.readEvent(data, depth);
api.surveyed = async (data, question) => {
  const [start, end] = question.window.map(api.parseInstant);
  const pieces = async function* () {
    for (let at = 0; at < data.length; at += 977) yield data.subarray(at, at + 977);
  };
  const { survey } = await api.surveyExport(pieces(), { ...question, window: { start, end } }, () => {});
  return survey.code ? { error: survey.code } : ordered(survey.facts);
};
// Maps as lists of pairs, since JSON objects put keys like "10" first.
const ordered = (value) => {
  if (value instanceof Map) return { pairs: [...value].map(([key, one]) => [key, ordered(one)]) };
  if (Array.isArray(value)) return value.map(ordered);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, ordered(one)]));
};
api.limits = () => api.LIMITS;
api.judged = (schema, data) => api.schemaFaults(schema, api.readJson(data));

const incoming = (value) =>
  Array.isArray(value) ? value.map(incoming) : value?.hex === undefined ? value : bytes(value.hex);
const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

function outgoing(value) {
  if (value instanceof Uint8Array) return { hex: Buffer.from(value).toString("hex") };
  if (value instanceof Map) return Object.fromEntries([...value].map(([k, v]) => [k, outgoing(v)]));
  if (value instanceof api.Real) return { real: value.value };
  if (Array.isArray(value)) return value.map(outgoing);
  if (typeof value === "bigint") return { integer: String(value) };
  if (value?.tree_root || value?.pairs) return value;
  if (value?.instant !== undefined) return { time: value.instant && api.formatInstant(value.instant) };
  return value === undefined ? null : value;
}

for (const [name, ...given] of JSON.parse(readFileSync(0, "utf8"))) {
  let answer;
  try {
    answer = outgoing(await api[name](...given.map(incoming)));
  } catch (error) {
    answer = { error: error.code ?? error.name };
  }
  console.log(JSON.stringify(answer));
}
