"""The point rules, against the curve's own arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core import ed25519

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


def add(one, other):
    (x1, y1), (x2, y2) = one, other
    cross = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + cross, -1, P) % P
    return x, (y1 * y2 + x1 * x2) * pow(1 - cross, -1, P) % P


def root(square):
    guess = pow(square, (P + 3) // 8, P)
    for candidate in (guess, guess * pow(2, (P - 1) // 4, P) % P):
        if candidate * candidate % P == square % P:
            return candidate
    return None


def decode(encoded):
    number = int.from_bytes(encoded, "little")
    y = (number & (2**255 - 1)) % P
    x = root((y * y - 1) * pow(D * y * y + 1, -1, P))
    return None if x is None else (P - x if x % 2 != number >> 255 else x, y)


def spellings(number):
    return (number | sign << 255 for sign in (0, 1))


# 14 encodings: 8 points, of which y = 0, 1 and -1 have further spellings.
LOW_ORDER = sorted(
    number.to_bytes(32, "little")
    for y in (0, 1, P - 1, P, P + 1, ed25519._ORDER_8, P - ed25519._ORDER_8)
    for number in spellings(y)
)


def test_there_are_fourteen_spellings_of_points_of_low_order():
    assert len(set(LOW_ORDER)) == 14


@pytest.mark.parametrize("encoded", LOW_ORDER, ids=bytes.hex)
def test_eight_times_a_point_of_low_order_is_the_identity(encoded):
    point = decode(encoded)
    for _ in range(3):
        point = add(point, point)
    assert point == (0, 1)
    assert ed25519.has_low_order(encoded)


@given(st.binary(min_size=32, max_size=32))
def test_the_rules_agree_with_the_arithmetic(encoded):
    point = decode(encoded)
    assert ed25519.is_on_curve(encoded) is (point is not None)
    assert ed25519.is_canonical(encoded) is (int.from_bytes(encoded, "little") % 2**255 < P)
    if point is not None:
        for _ in range(3):
            point = add(point, point)
        assert ed25519.has_low_order(encoded) is (point == (0, 1))


@pytest.mark.parametrize("y", range(P, 2**255))
def test_every_second_spelling_is_not_canonical(y):
    for number in spellings(y):
        assert not ed25519.is_canonical(number.to_bytes(32, "little"))
