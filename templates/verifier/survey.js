// One pass over an export: its digest, and every fact about its events (core/survey.py).

import { EvidenceError, RejectedError } from "./base.js";
import { hex } from "./bytes.js";
import { CsvExport } from "./csvexport.js";
import { JsonExport } from "./jsonexport.js";
import { Sha256 } from "./sha256.js";
import { Tally } from "./tally.js";
import { Tree } from "./tree.js";

// Returns { digest, survey }: each the value found, or the error in its place. The digest is of
// everything even where the events could not be read. `question` holds the export's format, what is asked
// of its events (see Tally), the schema's coercions, and who else wants what each event says with its
// position; `progress` gets the bytes of each piece.
export async function surveyExport(stream, question, progress) {
  const hash = new Sha256();
  const tree = new Tree();
  const tally = new Tally(question);
  const add = (record, said) => {
    question.onSaid?.(said, tally.events);
    tree.add(record);
    tally.add(said);
  };
  const isCsv = question.format === "csv";
  const reader = isCsv ? new CsvExport(add, question.coercions) : new JsonExport(add);
  let size = 0;
  let fault = null;
  try {
    for await (const chunk of stream) {
      hash.update(chunk);
      size += chunk.length;
      if (!fault) fault = refusal(() => reader.push(chunk));
      progress(chunk.length);
    }
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    return { digest: error, survey: fault ?? error };
  }
  const sha256 = hex(hash.digest());
  if (!size) fault = new RejectedError("export.empty-file", "export: 0 bytes");
  fault ??= refusal(() => reader.finish());
  if (fault) return { digest: sha256, survey: fault };
  const { shape, header } = reader;
  const facts = { ...tally.facts(), tree_root: hex(tree.root()) };
  return { digest: sha256, survey: { facts, file: { shape, size, sha256, header } } };
}

function refusal(work) {
  try {
    work();
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    return error;
  }
  return null;
}

// Returns the SHA-256 of a stream, or the error in its place.
export async function hashStream(stream, progress) {
  const hash = new Sha256();
  try {
    for await (const chunk of stream) {
      hash.update(chunk);
      progress(chunk.length);
    }
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    return error;
  }
  return hex(hash.digest());
}
