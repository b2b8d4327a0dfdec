"""Bytes as words that can be read out on the phone (Wilkerson, arXiv:0901.4016)."""

_CONSONANTS, _VOWELS = "bdfghjklmnprstvz", "aiou"


def proquints(data: bytes) -> tuple[str, ...]:
    """Return one word of five letters for every two bytes: ``7f000001`` is ``lusab babad``.

    Different bytes give different words. Raises ``ValueError`` for an odd number of bytes.
    """
    if len(data) % 2:
        raise ValueError("an odd number of bytes")
    return tuple(_word(int.from_bytes(data[at : at + 2])) for at in range(0, len(data), 2))


def _word(number: int) -> str:
    return "".join(
        (
            _CONSONANTS[number >> 12],
            _VOWELS[number >> 10 & 3],
            _CONSONANTS[number >> 6 & 15],
            _VOWELS[number >> 4 & 3],
            _CONSONANTS[number & 15],
        )
    )
