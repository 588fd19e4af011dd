"""The schema of the database, as numbered steps.

Owns every CREATE and ALTER but those of the views, which stand in `views`. A step never changes once released; a new
one is added. Runs only when a step is pending: sqlite-utils, which it needs, costs a tenth of a second to import.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

from helicli.store.connect import SCHEMA_VERSION
from helicli.store.views import VIEWS

if TYPE_CHECKING:
    from sqlite_utils import Database

_SUMS: Final = """(
    key INTEGER NOT NULL REFERENCES cell_keys (id), start INTEGER NOT NULL,
    calls INTEGER NOT NULL, errors INTEGER NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL,
    cost_nano INTEGER NOT NULL, unpriced INTEGER NOT NULL, saved_nano INTEGER NOT NULL, saved_us INTEGER NOT NULL,
    hits INTEGER NOT NULL, misses INTEGER NOT NULL, latency_max_us INTEGER NOT NULL, last_at INTEGER NOT NULL,
    PRIMARY KEY (key, start)
) WITHOUT ROWID"""

_CALLS: Final = """
CREATE TABLE words (
    id INTEGER PRIMARY KEY,
    word TEXT NOT NULL UNIQUE
);
CREATE TABLE rates (
    id INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    source TEXT NOT NULL,
    mode TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_until INTEGER,
    day_from INTEGER NOT NULL,
    day_until INTEGER NOT NULL,
    context_window INTEGER,
    above INTEGER NOT NULL,
    input INTEGER NOT NULL,
    output INTEGER NOT NULL,
    cache_read INTEGER NOT NULL,
    cache_write INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    reasoning INTEGER NOT NULL,
    input_audio INTEGER NOT NULL,
    input_image INTEGER NOT NULL,
    input_video INTEGER NOT NULL,
    cache_read_audio INTEGER NOT NULL,
    cache_read_image INTEGER NOT NULL,
    output_audio INTEGER NOT NULL,
    output_image INTEGER NOT NULL,
    output_video INTEGER NOT NULL,
    web_search INTEGER NOT NULL,
    request INTEGER NOT NULL
);
CREATE INDEX rates_model ON rates (provider, model);
CREATE TABLE calls (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    provider INTEGER REFERENCES words (id),
    model INTEGER REFERENCES words (id),
    requested_model INTEGER REFERENCES words (id),
    path INTEGER REFERENCES words (id),
    status INTEGER,
    error INTEGER REFERENCES words (id),
    error_message TEXT,
    finish_reason INTEGER REFERENCES words (id),
    user INTEGER REFERENCES words (id),
    session INTEGER REFERENCES words (id),
    session_path INTEGER REFERENCES words (id),
    session_name INTEGER REFERENCES words (id),
    name INTEGER REFERENCES words (id),
    prompt INTEGER REFERENCES words (id),
    prompt_version INTEGER,
    stream INTEGER NOT NULL DEFAULT 0,
    latency_us INTEGER NOT NULL,
    ttft_us INTEGER,
    overhead_us INTEGER,
    input_tokens INTEGER,
    output_tokens INTEGER,
    cache_read_tokens INTEGER,
    cache_write_tokens INTEGER,
    reasoning_tokens INTEGER,
    usage_estimated INTEGER NOT NULL DEFAULT 0,
    usage BLOB,
    cost_nano INTEGER,
    price_source INTEGER REFERENCES words (id),
    rate INTEGER REFERENCES rates (id),
    cache INTEGER REFERENCES words (id),
    saved_nano INTEGER,
    saved_us INTEGER,
    cached_from INTEGER REFERENCES calls (seq),
    attempts INTEGER NOT NULL DEFAULT 1,
    fallback_index INTEGER,
    policy INTEGER REFERENCES words (id),
    segment INTEGER REFERENCES words (id),
    key INTEGER REFERENCES words (id),
    provider_key INTEGER REFERENCES words (id),
    org INTEGER REFERENCES words (id),
    run INTEGER REFERENCES words (id),
    machine INTEGER REFERENCES words (id),
    request_id TEXT
);
CREATE INDEX calls_created_at ON calls (created_at);
CREATE INDEX calls_user ON calls (user, created_at) WHERE user IS NOT NULL;
CREATE INDEX calls_name ON calls (name, created_at) WHERE name IS NOT NULL;
CREATE INDEX calls_session ON calls (session) WHERE session IS NOT NULL;
CREATE INDEX calls_run ON calls (run) WHERE run IS NOT NULL;
CREATE INDEX calls_request_id ON calls (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX calls_prompt ON calls (prompt, prompt_version, created_at) WHERE prompt IS NOT NULL;
CREATE INDEX calls_model ON calls (model, created_at);
CREATE INDEX calls_requested_model ON calls (requested_model, created_at);
CREATE INDEX calls_failed ON calls (seq) WHERE error IS NOT NULL OR status >= 400;
CREATE TABLE properties (
    seq INTEGER NOT NULL REFERENCES calls (seq) ON DELETE CASCADE,
    name INTEGER NOT NULL REFERENCES words (id),
    value INTEGER NOT NULL REFERENCES words (id),
    PRIMARY KEY (seq, name)
) WITHOUT ROWID;
CREATE INDEX properties_value ON properties (name, value, seq);
CREATE TABLE scores (
    seq INTEGER NOT NULL REFERENCES calls (seq) ON DELETE CASCADE,
    name INTEGER NOT NULL REFERENCES words (id),
    value REAL NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (seq, name)
) WITHOUT ROWID;
CREATE INDEX scores_value ON scores (name, value, seq);
CREATE TABLE early_scores (
    ref TEXT NOT NULL,
    name TEXT NOT NULL,
    value REAL NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (ref, name)
) WITHOUT ROWID;
CREATE TABLE bodies (
    seq INTEGER PRIMARY KEY REFERENCES calls (seq) ON DELETE CASCADE,
    request_headers BLOB,
    request BLOB,
    request_size INTEGER NOT NULL,
    request_missing TEXT,
    request_sha256 BLOB,
    response_headers BLOB,
    response BLOB,
    response_size INTEGER NOT NULL,
    response_missing TEXT,
    response_sha256 BLOB,
    redacted INTEGER NOT NULL DEFAULT 0,
    inputs BLOB
);
CREATE TABLE tries (
    seq INTEGER NOT NULL REFERENCES calls (seq) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    fallback_index INTEGER NOT NULL,
    started_us INTEGER NOT NULL,
    latency_us INTEGER NOT NULL,
    provider INTEGER REFERENCES words (id),
    model INTEGER REFERENCES words (id),
    status INTEGER,
    error INTEGER REFERENCES words (id),
    error_message TEXT,
    upstream_id TEXT,
    input_tokens INTEGER,
    output_tokens INTEGER,
    cost_nano INTEGER,
    PRIMARY KEY (seq, number)
) WITHOUT ROWID;
CREATE TABLE parts (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    uses INTEGER NOT NULL,
    data BLOB NOT NULL
);
CREATE TABLE chains (
    id INTEGER PRIMARY KEY,
    parent INTEGER NOT NULL,
    part INTEGER NOT NULL,
    uses INTEGER NOT NULL,
    UNIQUE (parent, part)
);
CREATE TABLE dictionaries (
    id INTEGER PRIMARY KEY,
    data BLOB NOT NULL
);
CREATE TABLE cache (
    seq INTEGER PRIMARY KEY REFERENCES calls (seq) ON DELETE CASCADE,
    id BLOB NOT NULL UNIQUE,
    key BLOB NOT NULL,
    slot INTEGER NOT NULL,
    org INTEGER NOT NULL REFERENCES words (id),
    seed INTEGER NOT NULL REFERENCES words (id),
    stored_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    hits INTEGER NOT NULL DEFAULT 0,
    form TEXT NOT NULL,
    content_type INTEGER NOT NULL REFERENCES words (id),
    usage_asked INTEGER NOT NULL,
    size INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (key, slot)
);
CREATE INDEX cache_expires_at ON cache (expires_at);
CREATE TABLE cell_keys (
    id INTEGER PRIMARY KEY,
    code BLOB NOT NULL UNIQUE,
    dimension TEXT NOT NULL,
    provider INTEGER REFERENCES words (id),
    model INTEGER REFERENCES words (id),
    requested_model INTEGER REFERENCES words (id),
    fallback_index INTEGER,
    status INTEGER,
    error INTEGER REFERENCES words (id),
    cache INTEGER REFERENCES words (id),
    user INTEGER REFERENCES words (id),
    key INTEGER REFERENCES words (id),
    name INTEGER REFERENCES words (id),
    prompt INTEGER REFERENCES words (id),
    prompt_version INTEGER,
    property INTEGER REFERENCES words (id),
    value INTEGER REFERENCES words (id)
);
CREATE INDEX cell_keys_dimension ON cell_keys (dimension, property);
CREATE TABLE cells {sums};
CREATE TABLE wide_cells {sums};
CREATE TABLE cell_histograms (
    key INTEGER NOT NULL,
    start INTEGER NOT NULL,
    latency BLOB NOT NULL,
    ttft BLOB NOT NULL,
    overhead BLOB NOT NULL,
    PRIMARY KEY (key, start)
) WITHOUT ROWID;
CREATE TABLE cell_gaps (
    dimension TEXT NOT NULL,
    property INTEGER,
    start INTEGER NOT NULL
);
CREATE TABLE cell_mark (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    upto INTEGER NOT NULL,
    horizon INTEGER NOT NULL
);
INSERT INTO cell_mark VALUES (1, 0, 0);
CREATE TABLE limits (
    name TEXT PRIMARY KEY,
    policy TEXT NOT NULL,
    selection TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE TABLE prompts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
);
CREATE TABLE prompt_sources (
    hash BLOB PRIMARY KEY,
    source TEXT NOT NULL
);
CREATE TABLE prompt_versions (
    prompt INTEGER NOT NULL REFERENCES prompts (id),
    number INTEGER NOT NULL,
    hash BLOB NOT NULL REFERENCES prompt_sources (hash),
    message TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (prompt, number)
);
CREATE TABLE prompt_labels (
    prompt INTEGER NOT NULL,
    label TEXT NOT NULL,
    number INTEGER NOT NULL,
    moved_at INTEGER NOT NULL,
    PRIMARY KEY (prompt, label),
    FOREIGN KEY (prompt, number) REFERENCES prompt_versions (prompt, number)
);
CREATE TABLE charges (
    policy INTEGER NOT NULL REFERENCES words (id),
    segment INTEGER NOT NULL REFERENCES words (id),
    at INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (policy, segment, at)
) WITHOUT ROWID;
CREATE INDEX charges_expires_at ON charges (expires_at);
CREATE TABLE journal_position (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    high_generation INTEGER NOT NULL, high_number INTEGER NOT NULL, high_offset INTEGER NOT NULL,
    low_generation INTEGER NOT NULL, low_number INTEGER NOT NULL, low_offset INTEGER NOT NULL,
    carry TEXT
)
"""


def migrate(connection: sqlite3.Connection) -> None:
    """Run every pending step, each in a transaction of its own, and write the new version."""
    from sqlite_utils import Database, Migrations

    steps = Migrations("helicli")

    @steps()
    def m001_calls(db: Database) -> None:
        for statement in (*_CALLS.replace("{sums}", _SUMS).split(";\n"), *VIEWS):
            db.conn.execute(statement)

    steps.apply(Database(connection))
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
