// Events by time and verdict, in the narrowest buckets of which there are not too many
// (core/total.py). The width only grows, and ends where it would have started, had the span been known.

import { LIMITS } from "./base.js";
import { MIN_INSTANT, NANOSECONDS, formatInstant } from "./instant.js";

export const VERDICTS = ["allow", "redact", "escalate", "block", "other"];
const WIDTHS = [
  ...[60, 300, 900, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_419_200, 31_449_600],
];

export class Timeline {
  constructor() {
    this.width = WIDTHS[0];
    this.buckets = new Map(); // by number since the epoch: events of each of VERDICTS
    this.least = Infinity;
    this.most = -Infinity;
  }

  // Adds one event of a whole minute since the epoch.
  add(minute, verdict) {
    const counts = VERDICTS.map((one) => (one === verdict ? 1 : 0));
    this.put(Math.floor((minute * WIDTHS[0]) / this.width), counts);
    while (this.most - this.least + 1 > LIMITS.MAX_TIMELINE_BUCKETS) this.widen();
  }

  put(bucket, counts) {
    const before = this.buckets.get(bucket);
    this.buckets.set(bucket, before ? before.map((events, at) => events + counts[at]) : counts);
    this.least = Math.min(this.least, bucket);
    this.most = Math.max(this.most, bucket);
  }

  widen() {
    const { buckets, width } = this;
    Object.assign(this, { buckets: new Map(), least: Infinity, most: -Infinity });
    this.width = WIDTHS.find((wide) => wide > width) ?? 2 * width;
    for (const [bucket, counts] of buckets) this.put(Math.floor((bucket * width) / this.width), counts);
  }

  // Returns the fact; null without events, or where the first bucket starts before the year 1.
  value() {
    if (!this.buckets.size) return null;
    const instant = BigInt(this.least * this.width) * NANOSECONDS;
    if (instant < MIN_INSTANT) return null;
    const steps = Array.from({ length: this.most - this.least + 1 }, (_, at) => this.least + at);
    const column = (at) => steps.map((step) => this.buckets.get(step)?.[at] ?? 0);
    const seen = [...VERDICTS.entries()].map(([at, verdict]) => [verdict, column(at)]);
    return new Map([
      ...[["start", formatInstant(instant)], ["bucket_seconds", this.width]],
      ["counts", new Map(seen.filter(([, events]) => events.some(Boolean)))],
    ]);
  }
}
