// Verify a Sigstore bundle that a plain key signed: no log, no certificate, no network.
// With a third argument, a trusted root in JSON, its time-stamp must verify, too.
const fs = require("node:fs");
const crypto = require("node:crypto");
const { bundleFromJSON } = require("@sigstore/bundle");
const { TrustedRoot } = require("@sigstore/protobuf-specs");
const { Verifier, toSignedEntity, toTrustMaterial } = require("@sigstore/verify");

const [, , key, bundle, trusted] = process.argv;
const publicKey = crypto.createPublicKey(fs.readFileSync(key));
const none = { mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
  tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] };
const root = trusted ? TrustedRoot.fromJSON(JSON.parse(fs.readFileSync(trusted, "utf8"))) : none;
const stamps = trusted ? 1 : 0;
const thresholds = { tlogThreshold: 0, ctlogThreshold: 0, tsaThreshold: stamps,
  timestampThreshold: stamps };
try {
  const found = bundleFromJSON(JSON.parse(fs.readFileSync(bundle, "utf8")));
  const trust = toTrustMaterial(root, () => ({ publicKey, validFor: () => true }));
  new Verifier(trust, thresholds).verify(toSignedEntity(found));
  console.log("verified");
} catch (error) {
  console.log(`${error.name}: ${error.message}`);
  process.exitCode = 1;
}
