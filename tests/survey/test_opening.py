"""How an export starts is told alike, however small the blocks are that it is read in."""

import io

import pytest

from evidencekit.core.schema import EventSchema
from evidencekit.core.survey import Question, survey
from evidencekit.errors import RejectedError


@pytest.mark.parametrize("block", [1, 2, 3, 5, 1 << 18])
@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [
        (b"\xef\xbb\xbf", "json", "json.bom"),
        (b"\xef\xbb\xbf{}", "json", "json.bom"),
        (b" \n <p>", "json", "export.html"),
        (b" \n <p>", "csv", "export.html"),
        (b"\n\n\n\n\n\n\n\n[]", "csv", "export.not-csv"),
        (b"\xef\xbb\xbf \t {}", "csv", "export.not-csv"),
        (b"\n" * 1_024 + b"<p>", "csv", "csv.header"),
        (b"\n\n\n\n\n\n\n\n", "csv", "csv.header"),
    ],
)
def test_the_start_of_an_export(data, kind, code, block):
    with pytest.raises(RejectedError) as caught:
        survey(io.BytesIO(data), Question(format=kind), schema=EventSchema.own(), block=block)
    assert caught.value.code == code
