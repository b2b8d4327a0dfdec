// Where the work is done: in a worker made of this very script, so that the page stays alive; in the
// page itself where the browser allows no worker.

import { EvidenceError, UndecidedError } from "./base.js";
import { checkBrowser } from "./known.js";
import { lookUp } from "./lookup.js";
import { ofError, verdictOf } from "./report.js";
import { verify } from "./verify.js";

// Returns the report on a request, as verify() does; whatever goes wrong, it is a report. A request for
// an ID that is wanted gets what lookUp() finds.
async function work(request, progress) {
  try {
    if (request.wanted) return await lookUp({ ...request, progress });
    await checkBrowser();
    return await verify({ ...request, progress });
  } catch (error) {
    const told = `this page failed: ${error.message}`;
    const known = error instanceof EvidenceError ? error : new UndecidedError("browser.fault", told);
    const checks = [ofError("container", known)];
    return { verdict: verdictOf(checks), checks, subject: {}, trusted: [], export: null, summary: null };
  }
}

// Answers the one request that a worker gets.
export function serve(scope) {
  scope.onmessage = async ({ data }) => {
    let shown = 0;
    const progress = (done, total) => {
      if (Date.now() - shown < 100) return;
      shown = Date.now();
      scope.postMessage({ done, total });
    };
    scope.postMessage({ report: await work(data, progress) });
  };
}

// Returns the report on a request; `progress` gets bytes done and bytes in all.
export function ask(source, request, progress) {
  return new Promise((resolve) => {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const here = () => resolve(work(request, progress));
    let worker;
    try {
      worker = new Worker(url);
    } catch {
      here();
      return;
    }
    worker.onerror = here;
    worker.onmessage = ({ data }) => {
      if (!data.report) {
        progress(data.done, data.total);
        return;
      }
      worker.terminate();
      URL.revokeObjectURL(url);
      resolve(data.report);
    };
    worker.postMessage(request);
  });
}
