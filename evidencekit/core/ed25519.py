"""Which 32 bytes may stand for a point in an Ed25519 key or signature (RFC 8032, 5.1.3).

Libraries accept more: with the identity as key, one fixed signature verifies for every message.
Three questions settle it: low order (8 points, 14 spellings), second spellings, no point at all.
"""

SIZE = 32
_P = (1 << 255) - 19
_D = -121_665 * pow(121_666, -1, _P) % _P
_ORDER_8 = (
    0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826  # y of two such points
)
_LOW_ORDER = frozenset(
    {0, 1, _P - 1, _ORDER_8, _P - _ORDER_8}
)  # y of all points of order 1, 2, 4, 8


def has_low_order(point: bytes) -> bool:
    """Tell whether these bytes spell, canonically or not, one of the 8 points of low order."""
    return _y(point) % _P in _LOW_ORDER


def is_canonical(point: bytes) -> bool:
    """Tell whether this is the one spelling of its y coordinate: below the field's prime."""
    return _y(point) < _P


def is_on_curve(point: bytes) -> bool:
    """Tell whether some x goes with this y: x² = (y² - 1) / (d y² + 1) has a root."""
    square = _y(point) ** 2 % _P
    x_square = (square - 1) * pow(_D * square + 1, -1, _P) % _P
    return pow(x_square, (_P - 1) // 2, _P) in {0, 1}


def _y(point: bytes) -> int:
    return int.from_bytes(point, "little") & ((1 << 255) - 1)  # the top bit is the sign of x
