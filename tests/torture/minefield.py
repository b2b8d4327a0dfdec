"""The JSON minefield: 318 files, and the one verdict that each of them has at every door."""

from functools import cache
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2].parent / "shared/corpora/json-parsing-nst/test_parsing"
# Where the suite leaves the verdict open, ours: accepted, or refused with this code.
OPEN = {
    "i_number_double_huge_neg_exp.json": None,
    "i_number_huge_exp.json": "json.number",
    "i_number_neg_int_huge_exp.json": "json.number",
    "i_number_pos_double_huge_exp.json": "json.number",
    "i_number_real_neg_overflow.json": "json.number",
    "i_number_real_pos_overflow.json": "json.number",
    "i_number_real_underflow.json": None,
    "i_number_too_big_neg_int.json": "json.number",
    "i_number_too_big_pos_int.json": "json.number",
    "i_number_very_big_negative_int.json": "json.number",
    "i_object_key_lone_2nd_surrogate.json": "json.surrogate",
    "i_string_1st_surrogate_but_2nd_missing.json": "json.surrogate",
    "i_string_1st_valid_surrogate_2nd_invalid.json": "json.surrogate",
    "i_string_UTF-16LE_with_BOM.json": "json.encoding",
    "i_string_UTF-8_invalid_sequence.json": "json.encoding",
    "i_string_UTF8_surrogate_U+D800.json": "json.encoding",
    "i_string_incomplete_surrogate_and_escape_valid.json": "json.surrogate",
    "i_string_incomplete_surrogate_pair.json": "json.surrogate",
    "i_string_incomplete_surrogates_escape_valid.json": "json.surrogate",
    "i_string_invalid_lonely_surrogate.json": "json.surrogate",
    "i_string_invalid_surrogate.json": "json.surrogate",
    "i_string_invalid_utf-8.json": "json.encoding",
    "i_string_inverted_surrogates_U+1D11E.json": "json.surrogate",
    "i_string_iso_latin_1.json": "json.encoding",
    "i_string_lone_second_surrogate.json": "json.surrogate",
    "i_string_lone_utf8_continuation_byte.json": "json.encoding",
    "i_string_not_in_unicode_range.json": "json.encoding",
    "i_string_overlong_sequence_2_bytes.json": "json.encoding",
    "i_string_overlong_sequence_6_bytes.json": "json.encoding",
    "i_string_overlong_sequence_6_bytes_null.json": "json.encoding",
    "i_string_truncated-utf-8.json": "json.encoding",
    "i_string_utf16BE_no_BOM.json": "json.encoding",
    "i_string_utf16LE_no_BOM.json": "json.encoding",
    "i_structure_500_nested_arrays.json": "json.depth",
    "i_structure_UTF-8_BOM_empty_object.json": "json.bom",
    "y_object_duplicated_key.json": "json.duplicate-key",  # valid JSON, but not evidence
    "y_object_duplicated_key_and_value.json": "json.duplicate-key",
}


@cache
def files() -> tuple[Path, ...]:
    """Return the files, by name; or skip the test, loudly."""
    if not FOLDER.is_dir():
        pytest.skip("no test data: json-parsing-nst is not beside the project")
    return tuple(sorted(FOLDER.iterdir()))


def is_right(name: str, code: str | None) -> bool:
    """Tell whether ``code`` (None: accepted) is the documented verdict on the file of that name."""
    if name in OPEN:
        return code == OPEN[name]
    return (code is None) is name.startswith("y_")


def is_refused(name: str) -> bool:
    """Tell whether the file of that name is no JSON to us."""
    return name.startswith("n_") or OPEN.get(name) is not None
