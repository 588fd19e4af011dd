"""The views of the database, for whoever reads it with other tools.

Owns their text; `migrations` makes them. Names are plain and units honest: milliseconds, dollars, RFC 3339.
"""

from __future__ import annotations

from typing import Final

REQUESTS: Final = """
CREATE VIEW requests AS
SELECT c.seq, lower(hex(c.id)) AS id,
    strftime('%Y-%m-%dT%H:%M:%S', c.created_at / 1000, 'unixepoch')
        || printf('.%03dZ', c.created_at % 1000) AS created_at,
    strftime('%Y-%m-%dT%H:%M:%S', c.ended_at / 1000, 'unixepoch') || printf('.%03dZ', c.ended_at % 1000) AS ended_at,
    (SELECT word FROM words WHERE id = c.provider) AS provider,
    (SELECT word FROM words WHERE id = c.model) AS model,
    (SELECT word FROM words WHERE id = c.requested_model) AS requested_model,
    (SELECT word FROM words WHERE id = c.path) AS path,
    c.status,
    (SELECT word FROM words WHERE id = c.error) AS error, c.error_message,
    (SELECT word FROM words WHERE id = c.finish_reason) AS finish_reason,
    (SELECT word FROM words WHERE id = c.user) AS user,
    (SELECT word FROM words WHERE id = c.session) AS session,
    (SELECT word FROM words WHERE id = c.session_path) AS session_path,
    (SELECT word FROM words WHERE id = c.session_name) AS session_name,
    (SELECT word FROM words WHERE id = c.name) AS name,
    (SELECT word FROM words WHERE id = c.prompt) AS prompt, c.prompt_version,
    c.stream, c.latency_us / 1000.0 AS latency_ms, c.ttft_us / 1000.0 AS ttft_ms, c.overhead_us / 1000.0 AS overhead_ms,
    c.input_tokens, c.output_tokens, c.cache_read_tokens, c.cache_write_tokens, c.reasoning_tokens, c.usage_estimated,
    c.cost_nano / 1e9 AS cost_usd,
    (SELECT word FROM words WHERE id = c.price_source) AS price_source,
    (SELECT word FROM words WHERE id = c.cache) AS cache,
    c.saved_nano / 1e9 AS saved_usd, c.saved_us / 1000.0 AS saved_ms,
    c.cached_from, c.attempts, c.fallback_index,
    (SELECT word FROM words WHERE id = c.policy) AS policy,
    (SELECT word FROM words WHERE id = c.segment) AS segment,
    (SELECT word FROM words WHERE id = c.key) AS key,
    (SELECT word FROM words WHERE id = c.provider_key) AS provider_key,
    (SELECT word FROM words WHERE id = c.org) AS org,
    (SELECT word FROM words WHERE id = c.run) AS run,
    (SELECT word FROM words WHERE id = c.machine) AS machine,
    c.request_id,
    (SELECT json_group_object(n.word, v.word) FROM properties p
        JOIN words n ON n.id = p.name JOIN words v ON v.id = p.value WHERE p.seq = c.seq) AS properties
FROM calls c
"""
"""Every call with its words in place of their numbers."""
