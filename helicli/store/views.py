"""The log for whoever asks it in SQL: words instead of their numbers, dollars, milliseconds, instants as text.

Owns the views, which are functions of the rows. A price that is not known is NULL and counted, never 0.
"""

from __future__ import annotations

from typing import Final

_REQUESTS: Final = """
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
        JOIN words n ON n.id = p.name JOIN words v ON v.id = p.value WHERE p.seq = c.seq) AS properties,
    (SELECT json_group_object(n.word, s.value) FROM scores s
        JOIN words n ON n.id = s.name WHERE s.seq = c.seq) AS scores
FROM calls c
"""

_MODEL: Final = (
    "coalesce((SELECT word FROM words WHERE id = c.model), (SELECT word FROM words WHERE id = c.requested_model))"
)
_FAILED: Final = "c.error IS NOT NULL OR coalesce(c.status >= 400, 0)"
_FIGURES: Final = f"""
    count(*) AS calls,
    sum({_FAILED}) AS errors,
    sum(c.input_tokens) AS input_tokens, sum(c.output_tokens) AS output_tokens,
    sum(c.cache_read_tokens) AS cache_read_tokens, sum(c.cache_write_tokens) AS cache_write_tokens,
    sum(c.cost_nano) / 1e9 AS cost_usd,
    sum(c.cost_nano IS NULL) AS unpriced,
    coalesce(sum(c.saved_nano), 0) / 1e9 AS saved_usd"""

_NAMES: Final = (
    *("calls", "errors", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"),
    *("cost_usd", "unpriced", "saved_usd"),
)

_COSTS_DAILY: Final = f"""
CREATE VIEW costs_daily AS
SELECT strftime('%Y-%m-%d', c.created_at / 1000, 'unixepoch') AS day,
    (SELECT word FROM words WHERE id = c.provider) AS provider,
    {_MODEL} AS model,{_FIGURES}
FROM calls c GROUP BY 1, 2, 3
"""

_SESSIONS: Final = f"""
CREATE VIEW sessions AS
SELECT (SELECT word FROM words WHERE id = s.session) AS session,
    (SELECT word FROM words WHERE id = s.session_name) AS session_name,
    (SELECT word FROM words WHERE id = s.user) AS user,
    strftime('%Y-%m-%dT%H:%M:%S', s.first / 1000, 'unixepoch') || printf('.%03dZ', s.first % 1000) AS first_at,
    strftime('%Y-%m-%dT%H:%M:%S', s.last / 1000, 'unixepoch') || printf('.%03dZ', s.last % 1000) AS last_at,
    s.last - s.first AS length_ms,
    {", ".join(f"s.{name}" for name in _NAMES)}
FROM (
    SELECT c.session, max(c.session_name) AS session_name, max(c.user) AS user,
        min(c.created_at) AS first, max(c.ended_at) AS last,{_FIGURES}
    FROM calls c WHERE c.session IS NOT NULL GROUP BY c.session
) s
"""

_ATTEMPTS: Final = """
CREATE VIEW attempts AS
SELECT t.seq, t.number, t.fallback_index, t.started_us / 1000.0 AS started_ms, t.latency_us / 1000.0 AS latency_ms,
    (SELECT word FROM words WHERE id = t.provider) AS provider,
    (SELECT word FROM words WHERE id = t.model) AS model,
    t.status, (SELECT word FROM words WHERE id = t.error) AS error, t.error_message, t.upstream_id,
    t.input_tokens, t.output_tokens, t.cost_nano / 1e9 AS cost_usd
FROM tries t
UNION ALL
SELECT c.seq, 0, coalesce(c.fallback_index, 0), 0.0, c.latency_us / 1000.0,
    (SELECT word FROM words WHERE id = c.provider),
    (SELECT word FROM words WHERE id = coalesce(c.requested_model, c.model)),
    c.status, (SELECT word FROM words WHERE id = c.error), c.error_message, NULL,
    c.input_tokens + coalesce(c.cache_read_tokens, 0) + coalesce(c.cache_write_tokens, 0), c.output_tokens,
    c.cost_nano / 1e9
FROM calls c WHERE c.attempts > 0 AND NOT EXISTS (SELECT 1 FROM tries t WHERE t.seq = c.seq)
"""

VIEWS: Final = (_REQUESTS, _COSTS_DAILY, _SESSIONS, _ATTEMPTS)
"""The statements that make them. Days are those of UTC. `model` of an attempt is the one it asked for, so that money by
model is what each has cost, whoever answered."""
