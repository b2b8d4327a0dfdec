"""The event tree: the Merkle tree of RFC 9162, section 2.1, with SHA-256.

A leaf and an inner node are hashed with different prefixes, so that neither can pass for the other;
an odd leaf is carried up, never doubled, so that no two lists of records share a root.
"""

from collections.abc import Sequence
from hashlib import sha256

DIGEST_BYTES = 32
_PAIR_BYTES = 2 * DIGEST_BYTES


def leaf_hash(record: bytes) -> bytes:
    """Return the digest of one leaf: a record's exact bytes."""
    return sha256(b"\x00" + record).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the digest of an inner node."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows by leaf digests and keeps only the roots of its complete subtrees.

    There are as many of those as the size has one bits, so a billion leaves need 30 digests.
    """

    def __init__(self) -> None:
        self.size = 0
        self._odd: list[bytes] = []  # by height: the root of a complete subtree, or nothing

    def add(self, leaf_digest: bytes) -> None:
        """Append one leaf, given by its ``leaf_hash``."""
        self.add_many(leaf_digest)

    def add_many(self, digests: bytes) -> None:
        """Append leaves, given by their digests, one after the other in one string of bytes.

        Raises ``ValueError`` where the last digest is cut.
        """
        if len(digests) % DIGEST_BYTES:
            raise ValueError("leaf digests are 32 bytes each")
        self.size += len(digests) // DIGEST_BYTES
        height = 0
        while digests:  # the new nodes of one height; one that is left over waits for its sibling
            if height == len(self._odd):
                self._odd.append(b"")
            digests = self._odd[height] + digests
            paired = len(digests) // _PAIR_BYTES * _PAIR_BYTES
            self._odd[height] = digests[paired:]
            pairs = [digests[at : at + _PAIR_BYTES] for at in range(0, paired, _PAIR_BYTES)]
            digests = b"".join([sha256(b"\x01" + pair).digest() for pair in pairs])
            height += 1

    def root(self) -> bytes:
        """Return the tree hash of all leaves so far; of none, the hash of nothing (2.1.1)."""
        roots = [root for root in self._odd if root]  # the smallest first
        if not roots:
            return sha256().digest()
        digest = roots[0]
        for left in roots[1:]:
            digest = node_hash(left, digest)
        return digest


def inclusion_path(digests: bytes, index: int) -> tuple[bytes, ...]:
    """Return the inclusion proof for leaf ``index`` of a tree, given all leaf digests (2.1.3.1).

    The proof goes from the leaf upwards. Raises ``ValueError`` for an index outside the tree.
    """
    if not 0 <= index < len(digests) // DIGEST_BYTES:
        raise ValueError("no such leaf in the tree")
    level = [digests[at : at + DIGEST_BYTES] for at in range(0, len(digests), DIGEST_BYTES)]
    path = []
    while len(level) > 1:
        if (sibling := index ^ 1) < len(level):
            path.append(level[sibling])
        level = _level_above(level)
        index >>= 1
    return tuple(path)


def verify_inclusion(
    leaf_digest: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Say whether ``path`` proves that ``root`` has this leaf at ``index``, of ``size`` in all.

    Index and size fix the length of the path: a shorter or longer one proves nothing (2.1.3.2).
    """
    if not 0 <= index < size or not _are_digests(leaf_digest, root, *path):
        return False
    digest, node, last = leaf_digest, index, size - 1
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            digest = node_hash(sibling, digest)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            digest = node_hash(digest, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and digest == root


def verify_consistency(
    first: int, second: int, path: Sequence[bytes], first_root: bytes, second_root: bytes
) -> bool:
    """Say whether ``path`` proves that the tree of ``first`` leaves begins the tree of ``second``.

    From an empty first tree nothing follows, so nothing is proved (2.1.4.2).
    """
    if first == second > 0:
        return not path and first_root == second_root
    if not 0 < first < second or not _are_digests(first_root, second_root, *path):
        return False
    steps = list(path) if first & (first - 1) else [first_root, *path]
    if not steps:
        return False
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, step)
        node, last = node >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _level_above(level: list[bytes]) -> list[bytes]:
    pairs = zip(level[::2], level[1::2], strict=False)
    above = [node_hash(left, right) for left, right in pairs]
    return above + level[-1:] if len(level) & 1 else above


def _are_digests(*digests: bytes) -> bool:
    return all(len(digest) == DIGEST_BYTES for digest in digests)
