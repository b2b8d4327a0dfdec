"""The event tree: the Merkle tree of RFC 9162, section 2.1, with SHA-256.

A leaf and an inner node are hashed with different prefixes, so that neither can pass for the other;
an odd leaf is carried up, never doubled, so that no two lists of records share a root.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """The proof that one leaf is in a tree: all that ``verify_inclusion`` is given."""

    leaf_digest: bytes
    index: int
    size: int  # leaves in all
    path: tuple[bytes, ...]  # from the leaf upwards
    root: bytes


def tree_of_file(portions: Iterable[bytes]) -> Tree:
    """Return the tree of a file of leaf digests, read from its start in portions of any length.

    Raises ``ValueError`` where the last digest is cut.
    """
    tree, left = Tree(), b""
    for portion in portions:
        whole = len(left + portion) // DIGEST_BYTES * DIGEST_BYTES
        left, portion = (left + portion)[whole:], (left + portion)[:whole]  # noqa: PLW2901
        tree.add_many(portion)
    tree.add_many(left)
    return tree


def inclusion_of_file(portions: Iterable[bytes], size: int, index: int) -> Inclusion:
    """Return the inclusion proof for leaf ``index``, in one pass over a file of leaf digests.

    ``portions`` is the file from its start, in pieces of any length; ``size`` is the number of its
    digests. The siblings of a leaf's ancestors are subtrees side by side that hold every other leaf
    (2.1.3.1): nothing is read twice, and no more is kept than the path. Raises ``ValueError`` for
    an index outside the tree, and where the file has other than ``size`` digests.
    """
    if not 0 <= index < size:
        raise ValueError("no such leaf in the tree")
    ranges = _sibling_ranges(index, size)
    reader, roots, whole = _Reader(portions), dict[int, bytes](), Tree()
    for start, end in sorted([*ranges, (index, index + 1)]):
        subtree = Tree()
        for digests in reader.take(end - start):
            subtree.add_many(digests)
            whole.add_many(digests)
        roots[start] = subtree.root()
    if reader.has_more():
        raise ValueError("there are more leaf digests than were said to be")
    return Inclusion(
        leaf_digest=roots[index],
        index=index,
        size=size,
        path=tuple(roots[start] for start, _ in ranges),
        root=whole.root(),
    )


def inclusion_path(digests: bytes, index: int) -> tuple[bytes, ...]:
    """Return the inclusion proof for leaf ``index`` of a tree, given all leaf digests (2.1.3.1).

    The proof goes from the leaf upwards. Raises ``ValueError`` for an index outside the tree.
    """
    return inclusion_of_file([digests], len(digests) // DIGEST_BYTES, index).path


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


def _sibling_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """Return the leaves below each node of an inclusion path, as start and end, from the leaf up.

    A subtree of n leaves is cut at the largest power of two below n; the half without the leaf is
    the sibling of the other one.
    """
    start, end, ranges = 0, size, []
    while end - start > 1:
        cut = start + (1 << (end - start - 1).bit_length() - 1)
        if index < cut:
            ranges.append((cut, end))
            end = cut
        else:
            ranges.append((start, cut))
            start = cut
    return ranges[::-1]


class _Reader:
    """Digests from portions of any length."""

    def __init__(self, portions: Iterable[bytes]) -> None:
        self._portions = iter(portions)
        self._left = b""

    def take(self, count: int) -> Iterator[bytes]:
        """Yield the next ``count`` digests, whole ones; raise ``ValueError`` if there are fewer."""
        wanted = count * DIGEST_BYTES
        while wanted:
            if len(self._left) < DIGEST_BYTES:
                self._fill()
            usable = min(wanted, len(self._left) // DIGEST_BYTES * DIGEST_BYTES)
            yield self._left[:usable]
            self._left, wanted = self._left[usable:], wanted - usable

    def has_more(self) -> bool:
        """Say whether a byte is left."""
        return bool(self._left) or any(self._portions)

    def _fill(self) -> None:
        while len(self._left) < DIGEST_BYTES:
            portion = next(self._portions, None)
            if portion is None:
                raise ValueError("there are fewer leaf digests than were said to be")
            self._left += portion


def _are_digests(*digests: bytes) -> bool:
    return all(len(digest) == DIGEST_BYTES for digest in digests)
