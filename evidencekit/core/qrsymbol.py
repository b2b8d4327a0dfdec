"""One kind of QR code (ISO/IEC 18004): version 5, level M, byte mode, mask 2.

All that the standard leaves to the encoder is fixed, so that a text has one symbol. A page that
holds it has to render to the same bytes for years: verifying a bundle relies on that.
"""

SIDE = 37  # modules
MOST = 84  # bytes
_DATA, _CHECK = 43, 24  # codewords of each of the two blocks; the latter repair 12 wrong ones
_PADDING = b"\xec\x11"
_FINDERS = ((3, 3), (3, SIDE - 4), (SIDE - 4, 3))  # the middles, row and column
_ALIGNMENT = 30
_FORMAT = 0b101111001111100  # level M and mask 2, with their check bits (table C.1)

Grid = list[list[int | None]]  # by row; None is free for data


def symbol(data: bytes) -> tuple[bytes, ...]:
    """Return the symbol's rows, 1 for a dark module. Raises ``ValueError`` above MOST bytes."""
    grid = _fixed()
    _fill(grid, _codewords(data))
    return tuple(bytes(module or 0 for module in row) for row in grid)


def _codewords(data: bytes) -> bytes:
    """Return data and check codewords as they are placed, those of the blocks in turn."""
    if len(data) > MOST:
        raise ValueError(f"a QR code of this kind holds {MOST} bytes, not {len(data)}")
    # Mode 0100, the length, the data, and four bits of end: whole bytes together.
    told = (4 << 8 | len(data)) << 8 * len(data) | int.from_bytes(data, "big")
    stream = (told << 4).to_bytes(len(data) + 2, "big")
    stream += (_PADDING * _DATA)[: 2 * _DATA - len(stream)]
    blocks = stream[:_DATA], stream[_DATA:]
    checks = [_check(block) for block in blocks]
    return bytes(
        byte for part in (blocks, checks) for two in zip(*part, strict=True) for byte in two
    )


def _times(one: int, other: int) -> int:
    """Multiply in GF(256) modulo x⁸ + x⁴ + x³ + x² + 1."""
    product = 0
    while other:
        product ^= one if other & 1 else 0
        one = one << 1 ^ (0x11D if one & 0x80 else 0)
        other >>= 1
    return product


def _generator() -> list[int]:
    """Return the factors of (x - 1)(x - 2)(x - 4)… but the first, which is 1."""
    factors, root = [1], 1
    for _ in range(_CHECK):
        shifted = [0, *(_times(factor, root) for factor in factors)]
        factors = [one ^ other for one, other in zip([*factors, 0], shifted, strict=True)]
        root = _times(root, 2)
    return factors[1:]


def _check(block: bytes) -> bytes:
    """Return the Reed-Solomon check codewords: the rest of a division by the generator."""
    generator, rest = _generator(), [0] * _CHECK
    for byte in block:
        lead = byte ^ rest[0]
        moved = [*rest[1:], 0]
        rest = [one ^ _times(lead, factor) for one, factor in zip(moved, generator, strict=True)]
    return bytes(rest)


def _fixed() -> Grid:
    """Return a grid with what is the same in all symbols of this kind."""
    grid: Grid = [[None] * SIDE for _ in range(SIDE)]
    for row, column in _FINDERS:
        _square(grid, row, column, dark=(0, 1, 3), reach=4)
    for at in range(8, SIDE - 8):
        grid[6][at] = grid[at][6] = 1 - at % 2
    _square(grid, _ALIGNMENT, _ALIGNMENT, dark=(0, 2), reach=2)
    for bit in range(15):
        value = _FORMAT >> bit & 1
        grid[(*range(6), 7, 8, *range(SIDE - 7, SIDE))[bit]][8] = value
        grid[8][(*range(SIDE - 1, SIDE - 9, -1), 7, *range(5, -1, -1))[bit]] = value
    grid[SIDE - 8][8] = 1
    return grid


def _square(grid: Grid, row: int, column: int, *, dark: tuple[int, ...], reach: int) -> None:
    """Draw squares around a middle: dark at these distances, light at the others."""
    for y in range(max(row - reach, 0), min(row + reach + 1, SIDE)):
        for x in range(max(column - reach, 0), min(column + reach + 1, SIDE)):
            grid[y][x] = int(max(abs(y - row), abs(x - column)) in dark)


def _fill(grid: Grid, codewords: bytes) -> None:
    """Put the bits into what is free: in pairs of columns from the right, up and down in turn."""
    bits = (byte >> place & 1 for byte in codewords for place in range(7, -1, -1))
    rights = [*range(SIDE - 1, 6, -2), 5, 3, 1]
    for turn, right in enumerate(rights):
        for row in range(SIDE) if turn % 2 else range(SIDE - 1, -1, -1):
            for column in (right, right - 1):
                if grid[row][column] is None:
                    grid[row][column] = next(bits, 0) ^ (column % 3 == 0)
