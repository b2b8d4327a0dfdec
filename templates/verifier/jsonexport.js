// Find the exact records of a JSON export as it streams by: an array of events, an object with a
// member "events" that is one, or JSON Lines (core/framing.py, core/readers.py, core/survey.py).

import { LIMITS, RejectedError, count } from "./base.js";
import { concat, latin1, startsWith, stripped, whiteEnd } from "./bytes.js";
import { readEvent } from "./events.js";
import { saidBy } from "./said.js";
import { deepest, readJson } from "./strictjson.js";

const BOM = Uint8Array.of(0xef, 0xbb, 0xbf);
const [QUOTE, COMMA, COLON, BACKSLASH, LINE_FEED] = [0x22, 0x2c, 0x3a, 0x5c, 0x0a];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

export class JsonExport {
  // `onRecord` gets the exact bytes of each record, once it is proved to be one, and what it says.
  constructor(onRecord) {
    this.onRecord = onRecord;
    this.shape = null;
    this.header = null;
    this.events = 0;
    this.data = new Uint8Array();
    this.brackets = new Brackets();
    this.scanned = 0; // lines: how much of the data holds no line end
    this.step = this.opening;
    this.head = null; // wrapper: its beginning, up to the "[" of its events
    this.tail = []; // wrapper: its end, from behind the "]" of its events
    this.tailSize = 0;
  }

  push(chunk) {
    this.data = this.data.length ? concat(this.data, chunk) : chunk;
    while (this.step()); // each step takes something from the front, until more is needed
  }

  finish() {
    if (this.step === this.opening) this.step = this.start; // shorter than a byte order mark
    this.push(new Uint8Array());
    if (this.shape === null) {
      if (this.data.length) throw truncated("inside its first record");
      throw new RejectedError("export.not-json", "export: starts neither with [ nor with {");
    }
    if (this.shape === "lines") this.lastLine();
    else if (this.step !== this.behind) throw truncated(`inside or behind event ${this.events}`);
    if (this.shape === "wrapper") this.checkWrapper();
  }

  opening() {
    if (this.data.length < BOM.length) return false;
    if (startsWith(this.data, BOM)) {
      throw new RejectedError("json.bom", "export: starts with a byte order mark");
    }
    this.step = this.start;
    return true;
  }

  start() {
    if (!this.skipWhite()) return false;
    const first = this.data[0];
    if (first === 0x3c) throw html();
    if (first === OPEN_OBJECT) return this.wrapperOrLines();
    if (first !== OPEN_ARRAY) {
      throw new RejectedError("export.not-json", "export: starts neither with [ nor with {");
    }
    this.take(1);
    return this.enter("array", this.first);
  }

  wrapperOrLines() {
    const at = eventsStart(this.data);
    if (at === -1) {
      if (this.data.length > LIMITS.MAX_EVENT_BYTES) throw tooLarge("export");
      return false;
    }
    if (at === -2) return this.enter("lines", this.line);
    if (this.data[at] !== OPEN_ARRAY) {
      throw new RejectedError("export.no-events", 'export: its member "events" is no array');
    }
    this.head = this.take(at + 1).slice();
    return this.enter("wrapper", this.first);
  }

  enter(shape, step) {
    this.shape = shape;
    this.step = step;
    return true;
  }

  first() {
    if (!this.skipWhite()) return false;
    this.step = this.data[0] === CLOSE_ARRAY ? this.behind : this.element;
    if (this.step === this.behind) this.take(1);
    return true;
  }

  element() {
    if (!this.brackets.at) {
      if (!this.skipWhite()) return false;
      this.refuseNonEvent(this.data[0]);
    }
    const end = this.brackets.end(this.data);
    if (end < 0) return this.orTooLarge();
    const behind = whiteEnd(this.data, end);
    if (behind === this.data.length) return this.orTooLarge();
    if (end > LIMITS.MAX_EVENT_BYTES) throw tooLarge(this.where);
    if (this.data[behind] !== COMMA && this.data[behind] !== CLOSE_ARRAY) {
      throw new RejectedError("json.syntax", `${this.where}: neither a comma nor a bracket behind it`);
    }
    if (this.data[behind] === CLOSE_ARRAY) this.step = this.behind;
    this.record(this.take(behind + 1).subarray(0, end), this.brackets.deepest);
    this.brackets = new Brackets();
    return true;
  }

  line() {
    const end = this.data.indexOf(LINE_FEED, this.scanned);
    if (end < 0) {
      this.scanned = this.data.length;
      return this.orTooLarge();
    }
    this.scanned = 0;
    this.oneLine(this.take(end + 1).subarray(0, end));
    return true;
  }

  lastLine() {
    const record = stripped(this.data);
    const isCut = record[0] === OPEN_OBJECT && new Brackets().end(record) < 0;
    if (isCut) throw new RejectedError("export.truncated", `${this.where}: the export ends inside it`);
    this.oneLine(record);
  }

  oneLine(line) {
    const record = stripped(line);
    if (!record.length) return;
    if (record.length > LIMITS.MAX_EVENT_BYTES) throw tooLarge(this.where);
    this.refuseNonEvent(record[0]);
    this.record(record, deepest(record));
  }

  record(bytes, depth) {
    let event;
    try {
      event = readEvent(bytes, depth);
    } catch (error) {
      if (!(error instanceof RejectedError)) throw error;
      throw new RejectedError(error.code, error.message.replace(/^event/, this.where));
    }
    this.events += 1;
    this.onRecord(bytes, saidBy(event, () => readJson(bytes, this.where)));
  }

  behind() {
    if (this.shape === "wrapper") {
      this.tail.push(this.data.slice());
      this.tailSize += this.data.length;
      if (this.tailSize > LIMITS.MAX_DOCUMENT_BYTES) {
        throw new RejectedError("json.size", "export: too much behind its events");
      }
    } else if (this.skipWhite()) {
      throw new RejectedError("export.trailing", "export: goes on behind the end of the array");
    }
    this.data = new Uint8Array();
    return false;
  }

  // Reads the wrapper strictly, without its events.
  checkWrapper() {
    const document = concat(this.head, Uint8Array.of(CLOSE_ARRAY), ...this.tail);
    const end = new Brackets().end(document);
    if (end < 0) throw truncated("inside the object that wraps its events");
    if (whiteEnd(document, end) < document.length) {
      throw new RejectedError("export.trailing", "export: goes on behind its wrapper");
    }
    readJson(document, "export");
  }

  get where() {
    return `event ${this.events}`;
  }

  refuseNonEvent(byte) {
    if (byte === OPEN_OBJECT) return;
    if ('["-0123456789tfn'.includes(String.fromCharCode(byte))) {
      throw new RejectedError("export.not-an-event", `${this.where}: not a JSON object`);
    }
    throw new RejectedError("json.syntax", `${this.where}: not JSON`);
  }

  orTooLarge() {
    if (this.data.length > LIMITS.MAX_EVENT_BYTES) throw tooLarge(this.where);
    return false;
  }

  // Tells whether anything is left once the white space in front is gone.
  skipWhite() {
    this.take(whiteEnd(this.data, 0));
    return this.data.length > 0;
  }

  take(length) {
    const taken = this.data.subarray(0, length);
    this.data = this.data.subarray(length);
    return taken;
  }
}

// Counts brackets outside strings; whether it is JSON is for the parser to say. It goes on where it
// stopped when there is more.
class Brackets {
  constructor() {
    this.at = 0;
    this.depth = 0;
    this.deepest = 0;
    this.inString = false;
  }

  // Returns where the object or array that `data` begins with ends, or -1 if the data ends first.
  end(data) {
    let { at, depth, deepest: most, inString } = this;
    let end = -1;
    for (const length = data.length; at < length; at += 1) {
      const byte = data[at];
      if (inString) {
        if (byte === BACKSLASH) at += 1;
        else if (byte === QUOTE) inString = false;
      } else if (byte === QUOTE) {
        inString = true;
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        depth += 1;
        if (depth > most) most = depth;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        depth -= 1;
        if (!depth) {
          end = at + 1;
          break;
        }
      }
    }
    if (end < 0) Object.assign(this, { at, depth, inString });
    this.deepest = most;
    return end;
  }
}

// Returns where the top-level member "events" of the object at the front has its value; -1 if the
// data ends before that is known, and -2 if the object ends and has no such member.
function eventsStart(data) {
  let depth = 0;
  for (let at = 0; at < data.length; at += 1) {
    const byte = data[at];
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1;
    if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth -= 1;
    if (!depth) return -2;
    if (byte !== QUOTE) continue;
    const start = at;
    for (at += 1; at < data.length && data[at] !== QUOTE; at += 1) at += data[at] === BACKSLASH ? 1 : 0;
    if (at >= data.length) return -1;
    if (depth !== 1) continue;
    const colon = whiteEnd(data, at + 1);
    if (colon === data.length) return -1;
    if (data[colon] === COLON && isEvents(data.subarray(start, at + 1))) {
      const value = whiteEnd(data, colon + 1);
      return value < data.length ? value : -1;
    }
  }
  return -1;
}

// Tells whether a key, as written, is events: "\u0065vents" is.
function isEvents(key) {
  if (key.length > 44) return false;
  const plain = latin1(key).replace(/\\u00([0-9a-fA-F]{2})/g, (_whole, digits) =>
    String.fromCharCode(parseInt(digits, 16)),
  );
  return plain === '"events"';
}

function tooLarge(where) {
  const told = `larger than ${count(LIMITS.MAX_EVENT_BYTES)} bytes`;
  return new RejectedError("json.size", `${where}: ${told}`);
}

export function truncated(where) {
  return new RejectedError("export.truncated", `export: ends ${where}`);
}

export function html() {
  const told = "export: starts with <, as an HTML or XML page does";
  const hint = "this is most likely an error or login page that was saved as the export";
  return new RejectedError("export.html", told, hint);
}
