import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidencekit.core.urls import Url, without_secrets


def test_no_text_form_shows_the_query():
    url = Url.from_text("https://Bucket.S3.example:443/exports/a.json?X-Amz-Signature=canary#x")
    assert str(url) == "https://bucket.s3.example/exports/a.json"
    assert "canary" not in repr(url)
    assert url.target == "/exports/a.json?X-Amz-Signature=canary"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://a/x", "https://a:443/y?z", True),
        ("https://a", "http://a", False),
        ("https://a", "https://a:444", False),
        ("https://a", "https://b.a", False),
        ("https://A", "https://a", True),
    ],
)
def test_origin_is_scheme_host_and_port(one, other, same):
    assert (Url.from_text(one).base == Url.from_text(other).base) is same


@pytest.mark.parametrize(
    ("reference", "result"),
    [
        ("/x?y", "https://host:8443/x"),
        ("x", "https://host:8443/a/x"),
        ("../x", "https://host:8443/x"),
        ("//other/x", "https://other/x"),
        ("http://other:80", "http://other/"),
        ("?q", "https://host:8443/a/b"),
        ("", "https://host:8443/a/b"),
    ],
)
def test_references_are_resolved_as_rfc_3986_says(reference, result):
    assert str(Url.from_text("https://host:8443/a/b").join(reference)) == result


@pytest.mark.parametrize(
    "text",
    [
        "http:///x",
        "https:x",
        "https://a\\b",
        "https://a b",
        "https://a/\n",
        "https://\u00e4",
        "https://u@h",
        "https://[::1",
        "https://[fe80::1%25eth0]/",
        "https://-a",
        "https://a:70000",
        "https://a:x",
        "mailto:a@b",
        "https://" + "a" * 20_000,
    ],
)
def test_what_is_not_plainly_a_url_is_refused(text):
    with pytest.raises(ValueError, match=r"^[^/]+$"):
        Url.from_text(text)


@given(st.text())
def test_any_text_is_a_url_or_a_value_error(text):
    for act in (Url.from_text, Url.from_text("https://host/a").join):
        try:
            url = act(text)
        except ValueError:
            continue
        assert url.scheme in {"https", "http"}


def test_addresses_are_spelled_for_host_headers():
    assert Url.from_text("http://[::1]:8080/").authority == "[::1]:8080"
    assert Url.from_text("http://[::1]:8080/").is_loopback
    assert not Url.from_text("http://localhost.example/").is_loopback


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("disk full", "disk full"),
        ("the token has expired", "the token has expired"),
        ("GET /f?X-Amz-Signature=canary", "GET /f"),
        ("X-Amz-Signature=canary&x=1", "X-Amz-Signature=[hidden]&x=1"),
        ("X-Amz-Security-Token: canary", "X-Amz-Security-Token: [hidden]"),
        ("Authorization: Bearer canary", "Authorization: [hidden]"),
        ("bearer canary was revoked", "bearer [hidden] was revoked"),
        ('{"password": "canary"}', '{"password": "[hidden]"}'),
        ("api_key=canary, sig=canary", "api_key=[hidden], sig=[hidden]"),
    ],
)
def test_what_names_itself_as_a_credential_is_hidden(text, shown):
    """SEC-02, SEC-03: whatever a server repeats in an error."""
    assert without_secrets(text) == shown
