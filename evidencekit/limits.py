"""The one table of limits: what is refused before it is read, and why that much.

Every number is far above what an honest export or bundle holds, and far below what hurts the
machine that checks it.
"""

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30

# JSON and events
MAX_DEPTH = 64  # nesting; real events have 4 levels
MAX_EVENT_BYTES = 16 * MIB  # one record, as exported
MAX_DOCUMENT_BYTES = 16 * MIB  # any JSON document of ours, such as a manifest
MIN_INTEGER, MAX_INTEGER = -(1 << 63), (1 << 64) - 1  # what every fast parser keeps exactly
MAX_CSV_COLUMNS = 1_000
MAX_DISTINCT = 10_000  # values counted one by one in a fact; the rest together
MAX_VALUE_CHARS = 200  # of a counted value; longer ones are cut with a mark
MAX_NAMED_IDS = 10_000  # request and escalation IDs named in one bundle
MAX_BACKTRACKS = 100_000  # of one pattern that looks around or back, on one text; 6 ms
MAX_SCHEMA_PARTS = 100_000  # of an event schema with its references put in; ours has 377
MAX_SCHEMA_LEVELS = 256  # of the same, from the top to the deepest part; ours has 9
MAX_PROBLEMS = 20  # events listed one by one; the rest is counted
MAX_FAULTS = 200  # of one check, listed one by one; the rest is counted
MAX_NAMED_EVENTS = 200  # events listed one by one for the named IDs
MAX_TIMELINE_BUCKETS = 100  # columns of the chart over time

# bundles
MAX_MEMBERS = 4_096  # files in a bundle; a plain one has 15
MAX_MEMBER_BYTES = 1 << 40  # one member
MAX_SMALL_MEMBER_BYTES = 16 * MIB  # every member but the large ones is read into memory
MAX_SIGNERS = 16
MAX_CUSTODY_RECORDS = 1_000
MAX_CUSTODY_TEXT_CHARS = 2_000  # a name, role, purpose or note in one
MAX_NAME_BYTES = 200  # a member's path inside the bundle

# HTTP
MAX_REDIRECTS = 5
MAX_API_BODY_BYTES = 1 * MIB  # job and preview answers
MAX_EXPORT_BYTES = 1 << 40
MAX_HEADER_BYTES = 64 * KIB  # of one answer; servers send below 8 KiB

# keys and trust
MAX_KEY_FILE_BYTES = 64 * KIB
MAX_PASSPHRASE_BYTES = 1_024
MAX_AGENT_BYTES = 256 * KIB  # an answer of ssh-agent, as OpenSSH limits it
MAX_TRUST_FILE_BYTES = 4 * MIB
MAX_TIMESTAMP_TOKEN_BYTES = 64 * KIB
MAX_TIMESTAMPS = 8  # tokens over one signature
MAX_ENVELOPE_BYTES = 1 * MIB  # a statement of ours and 8 tokens of 64 KiB, in base64
MAX_CLOCK_SKEW_SECONDS = 300  # by how much two honest clocks may differ
