// The box that looks an ID up in an accepted export, and shows the events that hold it.

import { count } from "./base.js";
import { foreign, make } from "./show.js";
import { verdictOfWord } from "./said.js";

const COLUMNS = {
  "Position, from 0": ({ position }) => count(position),
  "Matches as": ({ as }) => `${as.join(", ")} ID`,
  Time: ({ said }) => said.time,
  Verdict: ({ said }) => verdictOfWord(said.verdict),
  Reason: ({ said }) => said.reason_code,
  Config: ({ said }) => said.config_version,
  Model: ({ said }) => said.model,
};

// Fills `place` with what lookUp() found of the ID `wanted`.
export function showFound(place, wanted, { error, events, matches, found }) {
  if (error) {
    place.replaceChildren(make("p", "", "Could not tell: ", error));
    return;
  }
  const among = `${count(events)} verified events`;
  if (!matches) {
    place.replaceChildren(make("p", "", foreign(wanted), ` is in none of the ${among}.`));
    return;
  }
  const shown = matches > found.length ? `; the first ${count(found.length)} are shown` : "";
  const told = ` is in ${count(matches)} of the ${among}${shown}.`;
  place.replaceChildren(make("p", "", foreign(wanted), told), table(found));
}

// One list for each event: a table of seven columns does not fit a telephone.
function table(found) {
  const events = found.map((event) => {
    const rows = Object.entries(COLUMNS).map(([label, valueOf]) => {
      const value = valueOf(event);
      const cell = value === null ? make("dd", "", "not said") : make("dd", "", foreign(value));
      return make("div", "", make("dt", "", label), cell);
    });
    return make("li", "", make("dl", "fields", ...rows));
  });
  return make("ol", "found", ...events);
}
