"""How much of a hostile description is looked at before it is refused.

The figures leave room for the largest public descriptions (37 MB of YAML; 46 MB of JSON with 1.5
million values and 22,000 operations, which take 9 seconds and 350 MiB) and keep what is hostile
under ten seconds and 512 MiB.
"""

from __future__ import annotations

MIB = 1024 * 1024

#: Bytes of one document, compressed or not; also what is accepted from the network.
MAX_BYTES = 64 * MIB
#: Members of one gzip file: each is another copy of what follows it.
MAX_GZIP_MEMBERS = 100
#: Bytes of memory one document's text may take: Python stores up to four bytes a character.
MAX_TEXT_BYTES = 128 * MIB
#: Values in one document once YAML aliases are written out. A billion-laughs bomb has 10^12.
MAX_VALUES = 2_000_000
#: Nesting of a JSON document. CPython's parser counts levels against the recursion limit (1000).
MAX_JSON_DEPTH = 900
#: Above this depth JSON is parsed on a thread of its own, whose stack is still empty.
MAX_SHARED_STACK_DEPTH = 200
#: Nesting of a YAML document: libyaml takes quadratic time in it.
MAX_YAML_DEPTH = 100
#: Nesting of one schema between two references; deeper parts become "anything goes".
MAX_SCHEMA_DEPTH = 50
#: Nesting of an example, default or enum value.
MAX_VALUE_DEPTH = 60
#: References followed one after another before a chain counts as endless.
MAX_HOPS = 64
#: References inside the path of one reference.
MAX_DETOURS = 16
#: Parts read in one load, counting a shared part each time it is used.
MAX_PARTS = 1_000_000
#: Operations in one description.
MAX_OPERATIONS = 30_000
#: Documents that references may lead into.
MAX_DOCUMENTS = 5_000
#: Files and folders looked at to find a description in a folder.
MAX_ENTRIES = 20_000
#: Bytes of the directory of a zip archive: some ten thousands of files.
MAX_DIRECTORY_BYTES = 4 * MIB
#: Bytes unpacked of one zip archive, whose members may be the same few bytes many times.
MAX_UNPACKED_BYTES = 3 * MAX_BYTES
#: Bytes of all documents that references lead into.
MAX_DOCUMENT_BYTES = 2 * MAX_BYTES
#: Problems listed by name; the rest is only counted.
MAX_PROBLEMS = 1_000
#: Characters of a path template: what the database keeps, and more than anybody documents.
MAX_PATH_LENGTH = 500
#: Alternatives of security requirements kept for one operation.
MAX_ALTERNATIVES = 100
#: Requests of an import that are looked at.
MAX_SAMPLES = 20_000
#: Examples kept for one parameter or body.
MAX_EXAMPLES = 20
