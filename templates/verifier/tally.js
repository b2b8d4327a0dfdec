// Count what the events of an export say, one by one in their order (core/tally.py, core/total.py).
// Maps of counts have the order of the Python ones: by count, highest first, then by name.

import { LIMITS } from "./base.js";
import { utf8 } from "./bytes.js";
import { NANOSECONDS, formatInstant, parseInstant } from "./instant.js";
import { verdictOfWord } from "./said.js";
import { sha256 } from "./sha256.js";
import { Timeline, VERDICTS } from "./timeline.js";

const COUNTED = {
  config_versions: "config_version",
  environments: "environment",
  reason_codes: "reason_code",
  models: "model",
  gateways: "gateway",
};
const MINUTE = 60n * NANOSECONDS;

export class Tally {
  // `scope` is what is asked of the events: window, request_ids and escalation_ids.
  constructor({ window, request_ids, escalation_ids }) {
    this.window = window;
    this.events = 0;
    this.verdicts = new Map(VERDICTS.map((verdict) => [verdict, 0]));
    this.counts = { unknown_verdicts: new Counts() };
    for (const fact of Object.keys(COUNTED)) this.counts[fact] = new Counts();
    this.spans = new Map();
    this.span = null;
    this.untimed = 0;
    this.outside = 0;
    this.ids = new Digests();
    this.request_ids = new Map(request_ids.map((id) => [id, 0]));
    this.escalation_ids = new Map(escalation_ids.map((id) => [id, 0]));
    this.named = [];
    this.timeline = new Timeline();
  }

  // Adds what the next event says.
  add(said) {
    const verdict = verdictOfWord(said.verdict);
    this.verdicts.set(verdict, this.verdicts.get(verdict) + 1);
    if (verdict === "other") this.counts.unknown_verdicts.add(said.verdict);
    for (const [fact, name] of Object.entries(COUNTED)) this.counts[fact].add(said[name]);
    this.addTime(said, verdict);
    if (said.id !== null) this.ids.add(said.id);
    const isNamed = [["request_ids", said.request_id], ["escalation_ids", said.escalation_id]]
      .map(([fact, id]) => increased(this[fact], id))
      .some(Boolean);
    if (isNamed && this.named.length < LIMITS.MAX_NAMED_EVENTS) this.named.push(this.event(said, verdict));
    this.events += 1;
  }

  addTime({ time, config_version }, verdict) {
    const instant = readable(time);
    if (instant === null) {
      this.untimed += 1;
      return;
    }
    this.span = wider(this.span, instant);
    const version = config_version === null ? null : cut(config_version);
    if (this.counts.config_versions.map.has(version)) {
      this.spans.set(version, wider(this.spans.get(version), instant));
    }
    const { window } = this;
    if (window && (instant < window.start || instant >= window.end)) this.outside += 1;
    const rest = ((instant % MINUTE) + MINUTE) % MINUTE;
    this.timeline.add(Number((instant - rest) / MINUTE), verdict);
  }

  event(said, verdict) {
    const text = (name) => (said[name] === null ? null : cut(said[name]));
    const names = ["reason_code", "request_id", "escalation_id", "config_version", "model"];
    return new Map([
      ...[["position", this.events], ["id", text("id") ?? ""], ["time", text("time")]],
      ...[["verdict", verdict], ...names.map((name) => [name, text(name)])],
    ]);
  }

  // Returns every fact but the tree root, by its name in the manifest.
  facts() {
    const counts = Object.entries(this.counts);
    const ordered = Object.fromEntries(counts.map(([fact, kept]) => [fact, inOrder(kept.map)]));
    const over = counts.filter(([, kept]) => kept.uncounted);
    const told = (span) => span.map(formatInstant);
    const versions = [...ordered.config_versions.keys()].filter((name) => this.spans.has(name));
    const [first, last] = this.span ? told(this.span) : [null, null];
    return {
      ...{ events: this.events, first, last, ...ordered },
      verdicts: inOrder(new Map([...this.verdicts].filter(([, events]) => events))),
      config_spans: new Map(versions.map((name) => [name, told(this.spans.get(name))])),
      uncounted: new Map(over.map(([fact, kept]) => [fact, kept.uncounted])),
      untimed: this.untimed,
      duplicate_ids: this.ids.repeated(),
      outside_window: this.outside,
      request_ids: this.request_ids,
      escalation_ids: this.escalation_ids,
      named_events: this.named,
      timeline: this.timeline.value(),
    };
  }
}

// Events by value, for the first MAX_DISTINCT values.
class Counts {
  constructor() {
    this.map = new Map();
    this.uncounted = 0;
  }

  add(value) {
    if (value === null) return;
    const name = cut(value);
    const events = this.map.get(name);
    if (events === undefined && this.map.size >= LIMITS.MAX_DISTINCT) this.uncounted += 1;
    else this.map.set(name, (events ?? 0) + 1);
  }
}

// The first 8 bytes of each ID's SHA-256: equal IDs have equal ones, and what they take is known.
class Digests {
  constructor() {
    this.seen = new BigUint64Array(1024);
    this.size = 0;
  }

  add(id) {
    if (this.size === this.seen.length) {
      const wider = new BigUint64Array(2 * this.size);
      wider.set(this.seen);
      this.seen = wider;
    }
    const digest = sha256(utf8(id));
    this.seen[this.size] = new DataView(digest.buffer, digest.byteOffset).getBigUint64(0);
    this.size += 1;
  }

  repeated() {
    const sorted = this.seen.slice(0, this.size).sort();
    let repeated = 0;
    for (let at = 1; at < sorted.length; at += 1) repeated += sorted[at] === sorted[at - 1] ? 1 : 0;
    return repeated;
  }
}

function increased(counts, id) {
  const events = id === null ? undefined : counts.get(id);
  if (events !== undefined) counts.set(id, events + 1);
  return events !== undefined;
}

function readable(time) {
  if (time === null) return null;
  try {
    return parseInstant(time);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}

function wider(span, instant) {
  if (!span) return [instant, instant];
  return [instant < span[0] ? instant : span[0], instant > span[1] ? instant : span[1]];
}

// Returns `text`, cut at MAX_VALUE_CHARS with a mark.
function cut(text) {
  if (text.length <= LIMITS.MAX_VALUE_CHARS) return text;
  const chars = Array.from(text);
  if (chars.length <= LIMITS.MAX_VALUE_CHARS) return text;
  return `${chars.slice(0, LIMITS.MAX_VALUE_CHARS).join("")}…`;
}

function inOrder(counts) {
  const byName = ([one], [other]) => (isBefore(one, other) ? -1 : 1);
  return new Map([...counts].sort((one, other) => other[1] - one[1] || byName(one, other)));
}

// By code points, as Python orders: UTF-16 puts U+10000 before U+FFFF.
function isBefore(one, other) {
  const [ours, theirs] = [Array.from(one), Array.from(other)];
  const at = ours.findIndex((char, place) => char !== theirs[place]);
  if (at < 0 || at >= theirs.length) return ours.length < theirs.length;
  return ours[at].codePointAt(0) < theirs[at].codePointAt(0);
}
