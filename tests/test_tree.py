import base64
import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core.tree import (
    Tree,
    inclusion_of_file,
    inclusion_path,
    leaf_hash,
    node_hash,
    tree_of_file,
    verify_consistency,
    verify_inclusion,
)

CORPUS = Path(__file__).parents[1].parent / "shared/corpora/merkle-transparency-dev"


def slow_root(leaves: list[bytes]) -> bytes:
    """RFC 9162 2.1.1, word by word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + slow_root(leaves[:split]) + slow_root(leaves[split:])).digest()


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(b"event %d" % number) for number in range(count)]


def consistency_path(digests: list[bytes], first: int) -> list[bytes]:
    """RFC 9162 2.1.4.1, word by word."""

    def subproof(size: int, part: list[bytes], whole: bool) -> list[bytes]:
        if size == len(part):
            return [] if whole else [slow_root(part)]
        split = 1
        while split * 2 < len(part):
            split *= 2
        if size <= split:
            return [*subproof(size, part[:split], whole), slow_root(part[split:])]
        return [*subproof(size - split, part[split:], False), slow_root(part[:split])]

    return subproof(first, digests, True)


def tree_of(digests: list[bytes]) -> Tree:
    tree = Tree()
    tree.add_many(b"".join(digests))
    return tree


def test_roots_of_0_to_257_leaves_equal_the_slow_reference_leaf_by_leaf():
    all_leaves, grown = leaves(257), Tree()
    assert grown.root() == slow_root([])
    for size, leaf in enumerate(all_leaves, 1):
        grown.add(leaf)
        assert grown.size == size
        assert grown.root() == slow_root(all_leaves[:size])


# From certificate-transparency's own tests: eight inputs, and the roots after each of them.
EIGHT = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "".join(
    f"{byte:02x}" for byte in range(0x60, 0x70)
)]  # fmt: skip


def test_published_roots_of_rfc_6962_implementations():
    roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]
    tree = Tree()
    for text, root in zip(EIGHT, roots, strict=True):
        tree.add(leaf_hash(bytes.fromhex(text)))
        assert tree.root().hex() == root


@given(st.lists(st.integers(0, 40), max_size=12))
def test_leaves_in_any_portions_give_the_same_tree(portions):
    digests = leaves(sum(portions))
    tree, start = Tree(), 0
    for portion in portions:
        tree.add_many(b"".join(digests[start : start + portion]))
        tree.root()
        start += portion
    assert (tree.size, tree.root()) == (len(digests), slow_root(digests))


def test_an_odd_leaf_is_never_doubled():
    for size in range(1, 65):
        assert tree_of(leaves(size)).root() != tree_of([*leaves(size), leaves(size)[-1]]).root()


def test_a_part_of_a_digest_is_refused():
    with pytest.raises(ValueError, match="32 bytes each"):
        Tree().add_many(bytes(33))


def test_every_leaf_of_every_small_tree_proves_itself_and_nothing_else():
    for size in range(1, 34):
        digests = leaves(size)
        root = slow_root(digests)
        for index in range(size):
            path = inclusion_path(b"".join(digests), index)
            assert verify_inclusion(digests[index], index, size, path, root)
            for other in range(-1, size + 2):
                proved = verify_inclusion(digests[index], other, size, path, root)
                assert proved == (other == index)
            for other in range(2 * size + 2):
                # a path may fit other sizes too: a size is signed, never taken from a proof
                if other <= index or len(inclusion_path(bytes(32 * other), index)) != len(path):
                    assert not verify_inclusion(digests[index], index, other, path, root)
            assert not verify_inclusion(digests[index], index, size, path[:-1], root) or size == 1
            assert not verify_inclusion(digests[index], index, size, [*path, root], root)
            assert not verify_inclusion(leaf_hash(b"other"), index, size, path, root)
            assert not verify_inclusion(digests[index], index, size, path, bytes(32))


@given(st.integers(1, 70), st.data())
def test_a_proof_from_a_file_is_that_of_the_rfc_however_the_file_is_read(size, data):
    digests = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    file = b"".join(digests)
    step = data.draw(st.integers(1, len(file)))
    portions = [file[at : at + step] for at in range(0, len(file), step)]
    proof = inclusion_of_file(iter(portions), size, index)
    assert (proof.leaf_digest, proof.root) == (digests[index], slow_root(digests))
    assert list(proof.path) == rfc_path(digests, index)
    assert verify_inclusion(proof.leaf_digest, proof.index, proof.size, proof.path, proof.root)
    tree = tree_of_file(portions)
    assert (tree.size, tree.root()) == (size, proof.root)


def rfc_path(digests: list[bytes], index: int) -> list[bytes]:
    """RFC 9162 2.1.3.1, word by word."""
    if len(digests) == 1:
        return []
    split = 1
    while split * 2 < len(digests):
        split *= 2
    if index < split:
        return [*rfc_path(digests[:split], index), slow_root(digests[split:])]
    return [*rfc_path(digests[split:], index - split), slow_root(digests[:split])]


@pytest.mark.parametrize(
    ("length", "size", "complaint"),
    [
        (32 * 5, 6, "fewer"),
        (32 * 5 + 31, 6, "fewer"),
        (32 * 5, 4, "more"),
        (32 * 5 + 1, 5, "more"),
        (32 * 5, 3, "more"),
        (0, 0, "no such leaf"),
    ],
)
def test_a_file_of_another_length_proves_nothing(length, size, complaint):
    file = b"".join(leaves(6))[:length]
    with pytest.raises(ValueError, match=complaint):
        inclusion_of_file([file], size, max(size - 3, 0))


def test_a_file_with_a_cut_digest_has_no_tree():
    with pytest.raises(ValueError, match="32 bytes each"):
        tree_of_file([bytes(32), bytes(31)])
    assert tree_of_file([]).root() == slow_root([])


def test_an_inner_node_is_no_leaf_and_a_leaf_of_64_bytes_no_inner_node():
    digests = leaves(4)
    inner = node_hash(digests[0], digests[1])
    root = slow_root(digests)
    assert not verify_inclusion(inner, 0, 4, [node_hash(digests[2], digests[3])], root)
    assert leaf_hash(digests[0] + digests[1]) != inner


@given(st.integers(1, 40), st.data())
def test_digests_of_another_length_prove_nothing(size, data):
    digests = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    path = list(inclusion_path(b"".join(digests), index))
    cut = digests[index][:-1]
    assert not verify_inclusion(cut, index, size, path, slow_root(digests))
    if path:
        assert not verify_inclusion(digests[index], index, size, [*path[:-1], b""], bytes(32))


def test_no_path_to_a_leaf_that_is_not_there():
    for index in (-1, 3):
        with pytest.raises(ValueError, match="no such leaf"):
            inclusion_path(b"".join(leaves(3)), index)


def test_every_small_tree_is_consistent_with_its_own_beginnings_only():
    for second in range(1, 34):
        digests = leaves(second)
        for first in range(1, second + 1):
            path = consistency_path(digests, first)
            old, new = slow_root(digests[:first]), slow_root(digests)
            assert verify_consistency(first, second, path, old, new)
            assert not verify_consistency(first, second, [*path, new], old, new)
            assert not verify_consistency(first, second, path, bytes(32), new)
            assert not verify_consistency(first, second, path, old, bytes(32))
            if path:
                assert not verify_consistency(first, second, path[:-1], old, new)
            if first < second:
                assert not verify_consistency(second, first, path, new, old)
    assert not verify_consistency(0, 5, [], slow_root([]), slow_root(leaves(5)))


def probes(kind: str) -> list[dict]:
    folder = CORPUS / "testdata" / kind
    if not folder.is_dir():
        pytest.skip("no corpora beside the project")
    return [json.loads(file.read_bytes()) for file in sorted(folder.rglob("*.json"))]


def decoded(*texts: str | None) -> list[bytes]:
    return [base64.b64decode(text or "") for text in texts]


def test_bad_inclusion_probes_are_refused_and_good_ones_accepted():
    found = probes("inclusion")
    assert sum(probe["wantErr"] for probe in found) >= 80
    for probe in found:
        leaf, root = decoded(probe["leafHash"], probe["root"])
        path = decoded(*(probe["proof"] or ()))
        proved = verify_inclusion(leaf, probe["leafIdx"], probe["treeSize"], path, root)
        assert proved is not probe["wantErr"], probe["desc"]


def test_good_inclusion_probes_are_the_proofs_that_we_make():
    digests = [leaf_hash(bytes.fromhex(text)) for text in EIGHT]
    good = [probe for probe in probes("inclusion") if not probe["wantErr"]]
    made = 0
    for probe in good:
        index, size = probe["leafIdx"], probe["treeSize"]
        leaf, root = decoded(probe["leafHash"], probe["root"])
        if size <= len(digests) and root == slow_root(digests[:size]):
            proof = inclusion_of_file([b"".join(digests[:size])], size, index)
            assert (proof.leaf_digest, proof.root) == (leaf, root)
            assert list(proof.path) == decoded(*(probe["proof"] or ()))
            made += 1
    assert made >= 3, f"of {len(good)} probes, {made} are of the tree of eight"


def test_bad_consistency_probes_are_refused_and_good_ones_accepted():
    found = probes("consistency")
    assert sum(probe["wantErr"] for probe in found) >= 92
    for probe in found:
        old, new = decoded(probe["root1"], probe["root2"])
        path = decoded(*(probe["proof"] or ()))
        proved = verify_consistency(probe["size1"], probe["size2"], path, old, new)
        assert proved is not probe["wantErr"], probe["desc"]


def test_every_checkpoint_of_a_real_log_is_recomputed():
    log = CORPUS / "tlog-tiles/log"
    if not log.is_dir():
        pytest.skip("no corpora beside the project")
    tiles = sorted(log.glob("tile/0/**/*"), key=lambda file: file.is_file() and file.stat().st_size)
    digests = tiles[-1].read_bytes()
    checkpoints = [file.read_text() for file in log.glob("checkpoint.*")]
    assert len(checkpoints) >= 10
    for checkpoint in checkpoints:
        _, size, root = checkpoint.split("\n")[:3]
        file = digests[: 32 * int(size)]
        tree = tree_of_file([file])
        assert tree.size == int(size)
        assert base64.b64encode(tree.root()).decode() == root
        for index in {0, int(size) // 2, int(size) - 1} & set(range(int(size))):
            proof = inclusion_of_file([file], int(size), index)
            signed = base64.b64decode(root)
            leaf = file[32 * index : 32 * index + 32]
            assert verify_inclusion(leaf, index, int(size), proof.path, signed)
