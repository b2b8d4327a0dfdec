"""The tables: who is compared with whom, on what, and how each is seen to have done its work."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec

from results import Table
from rounds import Contender
from workshop import Workshop, collect, own, script, verify

LARGE = 650_000  # events: 522 MB
TOGETHER = 125_000  # 100 MB: what every validator can hold
SMALL = 100
GROWTH = (12_500, 125_000, 1_250_000, 2_500_000)  # 10 MB, 100 MB, 1 GB, 2 GB
HUGE = 12_500_000  # 10 GB
_ACCEPTED, _REFUSED = "verdict: accepted", "schema.invalid-events"


def large(shop: Workshop) -> Table:
    """Compare all that is done with one large export."""
    count = shop.scaled(LARGE)
    export, bundle, csv = shop.export(count), shop.bundle(count), shop.export(count, ".csv")
    fast = ("validate", "--fast", "array.json")
    broken = own(*collect(shop.broken_export(), "refused"))
    contenders = [
        _openssl(shop, export),
        _collect("collect", export, count, refuses=broken, refusing=_REFUSED),
        _collect("collect, CSV", csv, count),
        _verify("verify", bundle),
        _verify("verify --jobs 1", bundle, "--jobs", "1"),
        Contender(
            name="Sourcemeta validate --fast",
            command=shop.peer("sourcemeta-jsonschema", *fast, export),
            says="1 validated, 1 passed",
            refuses=shop.peer("sourcemeta-jsonschema", *fast, "broken.json"),
            refusing="0 passed, 1 failed",
        ),
    ]
    title = f"Everything, on one export of {count:,} events"
    note = "Sourcemeta validates, and does nothing else; other validators: at 100 MB, below."
    return shop.table(title, _sized(contenders, count, shop.size(export)), note=note)


def files(shop: Workshop) -> Table:
    """Compare hashes and signatures alone, which is all that these peers do."""
    count = shop.scaled(LARGE)
    export, bundle = shop.export(count), shop.bundle(count)
    broken = shop.broken_bundle(shop.bundle(SMALL))
    again = ("sh", "-c", f"rm -rf bag && mkdir bag && ln {export} bag")
    contenders = [
        _openssl(shop, export),
        _verify("verify --quick", bundle, "--quick", broken=broken),
        *_bagit(shop, bundle, broken),
        Contender(
            name="bagit create", command=shop.peer("bagit.py", "--sha256", "bag"), before=again
        ),
        Contender(
            name="bdbag --validate full",
            command=shop.peer("bdbag", "--validate", "full", bundle),
            says="is valid",
            refuses=shop.peer("bdbag", "--validate", "full", broken),
            refusing="Bag validation failed",
        ),
        *_model_signing(shop, bundle, broken),
    ]
    title = f"Hashes and signatures alone, {count:,} events"
    note = "These look at no event. Of the peers, only model_signing signs."
    return shop.table(title, _sized(contenders, count, shop.size(export)), note=note)


def zips(shop: Workshop) -> Table:
    """Write the zip of one bundle, and nothing else."""
    count = shop.scaled(LARGE)
    export, bundle = shop.export(count), shop.bundle(count)
    contenders = [
        Contender(
            name="zip -1",
            command=shop.peer("zip", "-q", "-1", "-r", "theirs.zip", bundle),
            makes="theirs.zip",
            after=shop.peer("unzip", "-tq", "theirs.zip"),
        ),
        *(
            Contender(
                name=f"our zip, {packer}",
                command=script("zip_part.py", bundle, "ours.zip", *more),
                makes="ours.zip",
                after=shop.peer("unzip", "-tq", "ours.zip"),
            )
            for packer, more in (("isal", ()), ("zlib", ("zlib",)))
            if packer == "zlib" or find_spec("isal")
        ),
        _collect("collect to a zip, everything", export, count, output="made.zip"),
    ]
    title = f"Writing a zip of {count:,} events"
    note = "The same folder, packed; `unzip -t` takes each. The last does all that collect does."
    return shop.table(title, _sized(contenders, count, shop.size(export)), note=note)


def validators(shop: Workshop) -> Table:
    """Compare what only validates, on an export that all of them can hold."""
    count = shop.scaled(TOGETHER)
    export, bundle, broken = shop.export(count), shop.bundle(count), shop.broken_export()
    contenders = [
        _collect("collect", export, count, refuses=own(*collect(broken, "refused"))),
        _verify("verify", bundle),
        *(
            Contender(
                name=f"Sourcemeta {words}",
                command=shop.peer("sourcemeta-jsonschema", *words.split(), "array.json", export),
                says="1 validated, 1 passed",
                refuses=shop.peer("sourcemeta-jsonschema", *words.split(), "array.json", broken),
                refusing="0 passed, 1 failed",
            )
            for words in ("validate --fast", "validate")
        ),
        _ajv(shop, export, broken),
        Contender(
            name="check-jsonschema",
            command=shop.peer("check-jsonschema", "--schemafile", "array.json", export),
            says="validation done",
            refuses=shop.peer("check-jsonschema", "--schemafile", "array.json", broken),
            refusing="'perhaps' is not one of",
            once=True,
        ),
    ]
    title = f"Validators, {count:,} events"
    note = "Ours copy, count, hash and sign (or compare) besides. check-jsonschema was run once."
    return shop.table(title, _sized(contenders, count, shop.size(export)), note=note)


def small(shop: Workshop) -> Table:
    """Compare on a bundle of 100 events, where starting up is what costs."""
    export, bundle = shop.export(SMALL), shop.bundle(SMALL)
    broken = shop.broken_bundle(bundle)
    again = ("sh", "-c", f"rm -rf bag && mkdir bag && cp {export} bag")
    contenders = [
        Contender(
            name="bagit create", command=shop.peer("bagit.py", "--sha256", "bag"), before=again
        ),
        _collect("collect", export, SMALL),
        *_bagit(shop, bundle, broken),
        _verify("verify", bundle, broken=broken),
        _verify("verify --quick", bundle, "--quick", broken=broken),
        *_model_signing(shop, bundle, broken),
        _ajv(shop, export, shop.broken_export()),
    ]
    rounds = max(shop.rounds, 10)  # of a part of a second each
    sized = _sized(contenders, SMALL, shop.size(export))
    return shop.table(f"A small job: {SMALL} events", sized, rounds=rounds)


def start(shop: Workshop) -> Table:
    """Compare commands that do nothing."""
    contenders = [
        Contender(
            name=f"{name} {flag}",
            command=command,
            says=says if flag == "--version" else "Usage: ",
        )
        for flag in ("--version", "--help")
        for name, command, says in (
            ("bare click,", script("bare_click.py", flag), "bare, version"),
            ("", own(flag), "evidencekit"),
            ("bagit.py", shop.peer("bagit.py", flag), "bagit"),
        )
        if name != "bagit.py" or flag == "--version"
    ]
    contenders = [replace(contender, name=contender.name.strip()) for contender in contenders]
    note = "`bare_click.py` is a command with one option and `--version`."
    return shop.table("Starting up", contenders, note=note, rounds=max(shop.rounds, 10))


def growth(shop: Workshop) -> Table:
    """Compare four sizes, all in turn in one run."""
    contenders = [one for size in GROWTH for one in _grown(shop, shop.scaled(size))]
    note = "All sizes in turn, in one run. Memory is what all processes have together, once."
    made = shop.table("Growth", contenders, note=note)
    for size in map(shop.scaled, GROWTH[2:]):
        shop.remove(f"bundle-{size}")
    return made


def huge(shop: Workshop) -> Table:
    """Take 10 GB once, from a file that was generated; what is large is removed afterwards."""
    count = shop.scaled(HUGE)
    contenders = _grown(shop, count, once=True)
    made = shop.table("Growth to 10 GB", contenders, rounds=1, note=_OF_HUGE)
    for name in (f"bundle-{count}", f"{count}.json", "made"):
        shop.remove(name)
    return made


_OF_HUGE = "A file that `generate.py` wrote, read once, with no round to warm up."

TABLES: Mapping[str, Callable[[Workshop], Table]] = {
    "large": large,
    "files": files,
    "zip": zips,
    "validators": validators,
    "small": small,
    "start": start,
    "growth": growth,
    "huge": huge,  # only where it is asked for
}


def _grown(shop: Workshop, count: int, *, once: bool = False) -> Sequence[Contender]:
    """Compare collect and verify with openssl on one size; collect makes what verify verifies."""
    export, bundle = shop.export(count), f"bundle-{count}"
    found = [
        _openssl(shop, export),
        _collect("collect", export, count, output=bundle),
        _verify("verify", bundle),
    ]
    named = (replace(one, name=f"{one.name}, {count:,}") for one in found)
    sized = _sized(list(named), count, shop.size(export))
    return [replace(one, once=once) for one in sized]


def _openssl(shop: Workshop, export: str) -> Contender:
    return Contender(
        name="openssl dgst -sha256",
        command=shop.peer("openssl", "dgst", "-sha256", export),
        says="= [0-9a-f]{64}",
    )


def _collect(
    name: str,
    export: str,
    count: int,
    *,
    output: str = "made",
    refuses: Sequence[str] = (),
    refusing: str = _REFUSED,
) -> Contender:
    return Contender(
        name=name,
        command=own(*collect(export, output)),
        makes=output,
        says=f"{count:,} events; root [0-9a-f]{{64}}",
        refuses=refuses,
        refusing=refusing,
    )


def _verify(name: str, bundle: str, *more: str, broken: str | None = None) -> Contender:
    return Contender(
        name=name,
        command=own(*verify(bundle, *more)),
        says=_ACCEPTED,
        refuses=() if broken is None else own(*verify(broken, *more)),
        refusing="verdict: rejected: data/export/events.json: sha256 is",
    )


def _bagit(shop: Workshop, bundle: str, broken: str) -> Sequence[Contender]:
    return [
        Contender(
            name="bagit.py --validate",
            command=shop.peer("bagit.py", "--validate", bundle),
            says="is valid",
            refuses=shop.peer("bagit.py", "--validate", broken),
            refusing="sha256 validation failed",
        )
    ]


def _model_signing(shop: Workshop, bundle: str, broken: str) -> Sequence[Contender]:
    """Sign, then verify that; the refused one is of another bundle's bytes."""
    signature, key = ("--signature", "model.sig"), ("--public_key", "ec.pub")
    return [
        Contender(
            name="model_signing sign key",
            command=shop.peer(
                "model_signing", "sign", "key", bundle, "--private_key", "ec.pem", *signature
            ),
            makes="model.sig",
            says="Signing succeeded",
        ),
        Contender(
            name="model_signing verify key",
            command=shop.peer("model_signing", "verify", "key", bundle, *key, *signature),
            says="Verification succeeded",
            after=_must_fail(shop.peer("model_signing", "verify", "key", broken, *key, *signature)),
        ),
    ]


def _must_fail(command: Sequence[str]) -> Sequence[str]:
    return ("sh", "-c", '! "$@" 2>/dev/null', "sh", *command) if command else ()


def _ajv(shop: Workshop, export: str, broken: str) -> Contender:
    words = ("validate", "--spec=draft2020", "-c", "ajv-formats", "-s", "array.json", "-d")
    return Contender(
        name="ajv-cli",
        command=shop.peer("ajv", *words, export),
        says="json valid",
        refuses=shop.peer("ajv", *words, broken),
        refusing="json invalid",
    )


def _sized(contenders: Sequence[Contender], events: int, size: int) -> Sequence[Contender]:
    return [replace(contender, events=events, size=size) for contender in contenders]
