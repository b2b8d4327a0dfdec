// Find the exact records of a CSV export as it streams by, as RFC 4180 has them
// (core/split_csv.py, core/cells.py). A line feed ends a record if the quotes before it are even in
// number; each record is then read strictly, which proves the count right.

import { LIMITS, RejectedError, count } from "./base.js";
import { concat, fromUtf8, latin1, startsWith, utf8 } from "./bytes.js";
import { html, truncated } from "./jsonexport.js";
import { columnsOf, eventOfCells, saidBy } from "./said.js";
import { readJson } from "./strictjson.js";

const BOM = Uint8Array.of(0xef, 0xbb, 0xbf);
const [QUOTE, LINE_FEED, CARRIAGE_RETURN] = [0x22, 0x0a, 0x0d];

export class CsvExport {
  // `coercions` are the JSON types that the schema gives to columns.
  constructor(onRecord, coercions) {
    this.onRecord = onRecord;
    this.coercions = coercions;
    this.shape = "csv";
    this.header = null;
    this.events = 0;
    this.lines = 0;
    this.data = new Uint8Array();
    this.scanned = 0; // of the data: how far the quotes are counted
    this.isQuoted = false;
    this.looked = false;
  }

  push(chunk) {
    this.data = this.data.length ? concat(this.data, chunk) : chunk;
    if (!this.looked) this.look();
    let start = 0;
    const { data } = this;
    for (let at = this.scanned; at < data.length; at += 1) {
      if (data[at] === QUOTE) this.isQuoted = !this.isQuoted;
      if (data[at] !== LINE_FEED || this.isQuoted) continue;
      this.record(data.subarray(start, at > start && data[at - 1] === CARRIAGE_RETURN ? at - 1 : at));
      start = at + 1;
    }
    this.data = data.subarray(start);
    this.scanned = this.data.length;
    if (this.data.length > LIMITS.MAX_EVENT_BYTES) throw this.tooLarge();
  }

  finish() {
    if (this.isQuoted && !this.header) throw truncated("inside the quotes of the header");
    if (this.isQuoted) {
      throw new RejectedError("export.truncated", `${this.where}: the export ends inside quotes`);
    }
    if (this.data.length || !this.header) this.record(this.data);
  }

  look() {
    const start = latin1(this.data.subarray(startsWith(this.data, BOM) ? 3 : 0)).trimStart()[0];
    if (start === "<") throw html();
    if (start === "[" || start === "{") {
      throw new RejectedError("export.not-csv", "export: starts like JSON");
    }
    this.looked = start !== undefined;
  }

  record(bytes) {
    if (bytes.length > LIMITS.MAX_EVENT_BYTES) throw this.tooLarge();
    const isHeader = !this.header;
    const cells = this.cells(isHeader && startsWith(bytes, BOM) ? bytes.subarray(3) : bytes);
    if (isHeader) {
      this.checkHeader(cells);
      this.header = cells;
      this.columns = columnsOf(cells, this.coercions);
    } else if (cells.length !== this.header.length) {
      const sides = `${cells.length} cells, the header has ${this.header.length}`;
      throw new RejectedError("csv.ragged", `${this.where}: ${sides}`);
    } else {
      this.events += 1;
      this.onRecord(bytes, saidBy(eventOfCells(cells, this.columns, jsonOf), null));
    }
    this.lines += 1;
    for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) {
      this.lines += 1;
    }
  }

  cells(bytes) {
    let text;
    try {
      text = fromUtf8(bytes);
    } catch {
      throw new RejectedError("csv.encoding", `${this.where}: not UTF-8`);
    }
    if (text.includes("\0")) throw new RejectedError("csv.nul", `${this.where}: a NUL character`);
    const found = text.includes('"') ? quotedCells(text) : !text.includes("\r") && text.split(",");
    if (!found) {
      const told = "a quote or carriage return where RFC 4180 has none";
      throw new RejectedError("csv.quoting", `${this.where}: ${told}`);
    }
    return found;
  }

  checkHeader(names) {
    const nameless = names.indexOf("");
    const twice = names.findIndex((name, at) => names.indexOf(name) < at);
    let told = null;
    if (nameless >= 0) told = `column ${nameless + 1} has no name`;
    else if (twice >= 0) told = `column ${twice + 1} has the name of an earlier one`;
    else if (names.length > LIMITS.MAX_CSV_COLUMNS) {
      told = `${names.length} columns, at most ${LIMITS.MAX_CSV_COLUMNS} allowed`;
    }
    if (told) throw new RejectedError("csv.header", `line 1: ${told}`);
  }

  get where() {
    return `line ${this.lines + 1}`;
  }

  tooLarge() {
    const told = `larger than ${count(LIMITS.MAX_EVENT_BYTES)} bytes`;
    return new RejectedError("csv.size", `${this.where}: ${told}`);
  }
}

// Returns what a cell says as JSON; undefined where it is none, and stays text.
function jsonOf(cell) {
  try {
    return readJson(utf8(cell), "cell");
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    return undefined;
  }
}

// Returns the cells of one record, or null where a quote or carriage return breaks the rules.
function quotedCells(text) {
  const cells = [];
  for (let at = 0; ; at += 1) {
    let cell = "";
    if (text[at] === '"') {
      let end = at;
      do {
        end = text.indexOf('"', end + 1);
        if (end < 0) return null;
        if (text[end + 1] !== '"') break;
        end += 1;
      } while (end);
      cell = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
    } else {
      const comma = text.indexOf(",", at);
      const end = comma < 0 ? text.length : comma;
      cell = text.slice(at, end);
      if (/["\r\n]/.test(cell)) return null;
      at = end;
    }
    cells.push(cell);
    if (at >= text.length) return cells;
    if (text[at] !== ",") return null;
  }
}
