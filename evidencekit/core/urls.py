"""URLs, taken apart strictly, whose text form never shows the part that is a secret."""

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Self
from urllib.parse import urljoin, urlsplit

_VISIBLE_ASCII = re.compile(r"[!-\[\]-~]+", re.ASCII)  # no spaces, controls, backslashes or UTF-8
_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?\.?", re.ASCII)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:", re.ASCII)
_CREDENTIAL = re.compile(
    r"((?:signature|credential|token|secret|password|key|sig|authorization)"
    r"[\"']?\s*[=:]\s*[\"']?|\b(?:bearer|basic)\s+)(?:(?:bearer|basic)\s+)?[^\s\"'&<>,;]+",
    re.IGNORECASE,
)
_PORTS = {"https": 443, "http": 80}
_MAX_CHARS = 16_384  # presigned URLs with a session token reach 4,000


@dataclass(frozen=True, slots=True, kw_only=True)
class Url:
    """One http or https URL; ``str`` and ``repr`` leave out the query, as it may be a password."""

    scheme: str
    host: str
    port: int
    path: str
    query: str = field(default="", repr=False)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the URL, without its fragment. Raises ``ValueError`` that quotes nothing of it."""
        if len(text) > _MAX_CHARS or _VISIBLE_ASCII.fullmatch(text) is None:
            raise ValueError("not a URL of visible ASCII characters")
        try:
            parts = urlsplit(text)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise ValueError("host or port cannot be read") from None
        if parts.scheme not in _PORTS:
            raise ValueError("neither https nor http")
        if "@" in parts.netloc:
            raise ValueError("holds a user name or password")
        if not (_NAME.fullmatch(host) or _is_address(host)) or port == 0:
            raise ValueError("names no host that could be asked")
        port = _PORTS[parts.scheme] if port is None else port
        path, query = parts.path or "/", parts.query
        return cls(scheme=parts.scheme, host=host, port=port, path=path, query=query)

    def join(self, reference: str) -> Self:
        """Return where a ``Location`` leads from here (RFC 3986, 5). Raises ``ValueError``."""
        if reference and _VISIBLE_ASCII.fullmatch(reference) is None:
            raise ValueError("not a URL of visible ASCII characters")
        if _SCHEME.match(reference):  # urljoin would read http:///x and http:x as relative
            return self.from_text(reference)
        try:
            joined = urljoin(f"{self.base}{self.target}", reference)
        except ValueError:
            raise ValueError("cannot be read as a URL") from None
        return self.from_text(joined)

    @property
    def authority(self) -> str:
        """Host and port as a ``Host`` header spells them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def base(self) -> str:
        """Scheme, host and port: two URLs are of one origin exactly if these are equal."""
        return f"{self.scheme}://{self.authority}"

    @property
    def target(self) -> str:
        """Path and query as they go on the wire."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def is_loopback(self) -> bool:
        """Whether the host is written as this machine: ``localhost`` or a loopback address."""
        return self.host == "localhost" or (
            _is_address(self.host) and ip_address(self.host).is_loopback
        )

    def __str__(self) -> str:
        return f"{self.base}{self.path}"


def without_secrets(text: str) -> str:
    """Return foreign text without URL queries, and without what names itself as a credential."""
    return _CREDENTIAL.sub(r"\1[hidden]", text.partition("?")[0])


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return "%" not in host  # no zone identifiers
