"""Folders with a file more, a file less, or a thing that is no file."""

from evidencekit.core.names import REQUIRED
from forge.bench import CSV, EVENTS, EXPORT, PREPARER, Made, as_csv
from forge.kinds import Recipe, add, kind, thin

ID = PREPARER.public_key.signer_id
EXTRA = (
    ("at-the-top", "notes.txt", "unlisted"),
    ("in-data", "data/notes.txt", "unlisted"),
    ("in-export", "data/export/events.json.bak", "unlisted"),
    ("in-schema", "data/schema/other.json", "unlisted"),
    ("in-signatures", "signatures/notes.txt", "unlisted"),
    ("in-custody", "custody/notes.txt", "unlisted"),
    ("of-a-finder", ".ds-store", "name"),
    ("public-key", "signatures/signer.pub", "unlisted"),
    ("upper-case", "data/README.md", "name"),
    ("fetch", "fetch.txt", "unlisted"),
    ("md5-list", "manifest-md5.txt", "unlisted"),
    ("sha512-list", "manifest-sha512.txt", "unlisted"),
    ("sha512-tag-list", "tagmanifest-sha512.txt", "unlisted"),
    ("signature-upper-case", f"signatures/{ID.upper()}.sig", "name"),
    ("signature-short-id", f"signatures/{ID[:15]}.sig", "unlisted"),
    ("signature-other-kind", f"signatures/{ID}.asc", "unlisted"),
    ("attachment-in-a-folder", "data/attachments/more/a.txt", "unlisted"),
    ("custody-number-0", "custody/0000.sigstore.json", "unlisted"),
    ("custody-number-short", "custody/1.sigstore.json", "unlisted"),
    ("unknown-folder", "extra/notes.txt", "unlisted"),
)
for _name, _path, _code in EXTRA:
    add(
        f"extra-{_name}",
        "container",
        f"container.{_code}",
        lambda p=_path: thin().with_members({p: b"https://attacker.example 1 data/x\n"}),
    )
for _required in sorted(REQUIRED):
    add(
        f"missing-{_required.rpartition('/')[2].replace('.', '-')}",
        "container",
        "container.missing",
        lambda r=_required: thin().with_members({r: None}),
    )
add("missing-export", "container", "container.missing", lambda: thin().with_members({EXPORT: None}))
add(
    "two-exports",
    "container",
    "container.unlisted",
    lambda: thin().with_members({CSV: as_csv(EVENTS)}),
)


@kind("too-many-signers", "container", "container.members")
def _too_many() -> Made:
    more = {f"signatures/{number:016x}.sig": b"x" * 64 for number in range(17)}
    return thin().with_members(more)


SUMMARY = "data/summary.md"
for _name, *_step in (
    ("link-inside", "link", SUMMARY, "manifest.json"),
    ("link-outside", "link", SUMMARY, "../../outside.txt"),
    ("link-dangling", "link", SUMMARY, "nothing-there"),
    ("link-to-itself", "link", SUMMARY, "summary.md"),
    ("link-instead-of-a-signature", "link", f"signatures/{ID}.sig", "../data/summary.md"),
    ("link-of-a-folder", "link-folder", "data/schema", "../../outside"),
    ("fifo", "fifo", SUMMARY),
    ("socket", "socket", SUMMARY),
    ("hard-link", "hard-link", SUMMARY),
):
    add(
        f"special-{_name}",
        "container",
        "container.unlisted" if _name == "link-of-a-folder" else "container.type",
        lambda s=tuple(_step): Recipe(base="thin", steps=(s,)),
    )
add(
    "extra-in-git",
    "container",
    "container.unlisted",
    lambda: Recipe(base="thin", steps=(("file", ".git/config", "[core]"),)),
)
for _name, _folder in (
    ("known", "data/attachments"),
    ("of-custody", "custody"),
    ("unknown", "data/empty"),
):
    add(
        f"empty-folder-{_name}",
        "container",
        "container.unlisted",
        lambda f=_folder: Recipe(base="thin", steps=(("folder", f),)),
    )
add(
    "folder-empty",
    "container",
    "container.not-a-bundle",
    lambda: Recipe(base="thin", steps=(("empty",),)),
)
add(
    "folder-instead-of-a-page",
    "container",
    "container.unlisted",
    lambda: thin().with_members({SUMMARY: None, f"{SUMMARY}/a.md": b"a\n"}),
)
add(
    "envelope-of-a-mebibyte",
    "signature",
    "envelope.size",
    lambda: Recipe(base="thin", steps=(("pad", f"signatures/{ID}.sigstore.json", str(1 << 20)),)),
)
add(
    "page-of-17-mebibytes",
    "container",
    "container.size",
    lambda: Recipe(base="thin", steps=(("pad", SUMMARY, str(17 << 20)),)),
)
add(
    "more-files-than-anybody-needs",
    "container",
    "container.members",
    lambda: Recipe(base="thin", steps=(("files", "data/attachments", "4100"),)),
)
