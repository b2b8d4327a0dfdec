"""The SSH wire format (RFC 4251, 5): byte strings after their length, and integers."""


def pack(*strings: bytes) -> bytes:
    """Return the strings, each after its length in four bytes."""
    return b"".join(len(string).to_bytes(4, "big") + string for string in strings)


def unpack(data: bytes) -> tuple[bytes, ...]:
    """Return the strings that ``data`` is made of. Raises ``ValueError`` where one is cut."""
    strings = []
    while data:
        end = 4 + int.from_bytes(data[:4], "big")
        if not 4 <= end <= len(data):
            raise ValueError("a string is cut")
        strings.append(data[4:end])
        data = data[end:]
    return tuple(strings)


def pack_integer(number: int) -> bytes:
    """Return a positive integer as an ``mpint``, without its length."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def unpack_integer(data: bytes) -> int:
    """Return the integer of an ``mpint``. Raises ``ValueError`` unless positive and shortest."""
    number = int.from_bytes(data, "big", signed=True)
    if number <= 0 or pack_integer(number) != data:
        raise ValueError("not a positive integer in its shortest form")
    return number
