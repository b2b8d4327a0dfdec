// The event tree: the Merkle tree of RFC 9162, section 2.1, with SHA-256 (core/tree.py). It keeps only
// the roots of its complete subtrees: a billion leaves need 30 digests.

import { concat } from "./bytes.js";
import { sha256, sha256Prefixed } from "./sha256.js";

export class Tree {
  constructor() {
    this.size = 0;
    this.roots = []; // of complete subtrees, the largest first
  }

  // Appends one leaf: a record's exact bytes.
  add(record) {
    let digest = sha256Prefixed(0, record);
    this.size += 1;
    for (let merge = this.size; merge % 2 === 0; merge /= 2) {
      digest = nodeHash(this.roots.pop(), digest);
    }
    this.roots.push(digest);
  }

  root() {
    if (!this.roots.length) return sha256();
    return this.roots.reduceRight((right, left) => nodeHash(left, right));
  }
}

function nodeHash(left, right) {
  return sha256Prefixed(1, concat(left, right));
}
