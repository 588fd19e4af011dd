"""Every header name helicli knows, and what is done with the fields that are not simply passed on.

Owns the `Helicone-*` names in both forms of the dialect, the fields that end at each hop, and the fields that carry
secrets. Names are bytes in lower case, as they arrive. Nothing else in the package spells one of these names.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote_to_bytes

PREFIX: Final = b"helicone-"

AUTH: Final = b"helicone-auth"
REQUEST_ID: Final = b"helicone-request-id"
USER_ID: Final = b"helicone-user-id"
SESSION_ID: Final = b"helicone-session-id"
SESSION_PATH: Final = b"helicone-session-path"
SESSION_NAME: Final = b"helicone-session-name"
REQUEST_NAME: Final = b"helicone-request-name"
PROMPT_ID: Final = b"helicone-prompt-id"
PROMPT_VARIABLES: Final = b"helicone-prompt-variables"
PROMPT_VERSION: Final = b"helicone-prompt-version"
"""The version of the prompt: asked for by the caller, and told in an answer."""
PROMPT_MARK: Final = b"helicone-"
PROMPT_MARKS: Final = (b"helicone-prompt-input", b"helicone-prompt-static", b"helicone-auto-prompt-input")
"""No fields, but marks in a request's texts, of formatters that go with a prompt's id."""
PROPERTY_PREFIX: Final = b"helicone-property-"
TARGET_URL: Final = b"helicone-target-url"
OPENAI_API_BASE: Final = b"helicone-openai-api-base"
MODEL_OVERRIDE: Final = b"helicone-model-override"
LIMIT_POLICY: Final = b"helicone-ratelimit-policy"
"""What a call is limited by, asked for by the caller; and the normalised spelling in an answer."""

CACHE_ENABLED: Final = b"helicone-cache-enabled"
CACHE_READ: Final = b"helicone-cache-read"
CACHE_SAVE: Final = b"helicone-cache-save"
CACHE_SEED: Final = b"helicone-cache-seed"
CACHE_BUCKET_MAX_SIZE: Final = b"helicone-cache-bucket-max-size"
CACHE_BUCKET_MODE: Final = b"helicone-cache-bucket-mode"
CACHE_IGNORE_KEYS: Final = b"helicone-cache-ignore-keys"
CACHE_CONTROL: Final = b"helicone-cache-control"
PLAIN_CACHE_CONTROL: Final = b"cache-control"
CACHE_FIELDS: Final = frozenset(
    (
        CACHE_ENABLED,
        CACHE_READ,
        CACHE_SAVE,
        CACHE_SEED,
        CACHE_BUCKET_MAX_SIZE,
        CACHE_BUCKET_MODE,
        CACHE_IGNORE_KEYS,
        CACHE_CONTROL,
    )
)

CACHE_TOLD_APART: Final = (
    b"anthropic-version",
    b"anthropic-beta",
    b"openai-organization",
    b"openai-project",
    b"openai-beta",
    b"api-version",
    b"azureml-model-deployment",
    b"chatgpt-account-id",
    b"extra-parameters",
    b"groq-model-version",
    b"x-goog-api-version",
    b"x-goog-fieldmask",
    b"x-goog-user-project",
)
"""Fields whose values change what a provider answers, so that calls that differ in one share no stored answer.

https://console.groq.com/docs/changelog/compound · https://cloud.google.com/apis/docs/system-parameters
"""

ANSWER_ID: Final = b"helicone-id"
ANSWER_STATUS: Final = b"helicone-status"
ANSWER_CACHE_HIT: Final = b"helicone-cache-hit"
ANSWER_OVERHEAD: Final = b"helicone-overhead-ms"
ANSWER_PROMPT_STATUS: Final = b"helicone-prompt-status"
ANSWER_CACHE: Final = b"helicone-cache"
ANSWER_CACHE_BUCKET_IDX: Final = b"helicone-cache-bucket-idx"
ANSWER_CACHE_LATENCY: Final = b"helicone-cache-latency"
AGE: Final = b"age"
ANSWER_LIMIT: Final = b"helicone-ratelimit-limit"
ANSWER_REMAINING: Final = b"helicone-ratelimit-remaining"
ANSWER_RESET: Final = b"helicone-ratelimit-reset"
RETRY_AFTER: Final = b"retry-after"
RATE_LIMITED: Final = (b"x-helicone-error", b"rate_limited")
NO_RETRY: Final = (b"x-should-retry", b"false")
"""What the SDKs of OpenAI and Anthropic obey: they would else repeat a refused call twice."""

RETRY_ENABLED: Final = b"helicone-retry-enabled"
RETRY_NUM: Final = b"helicone-retry-num"
RETRY_FACTOR: Final = b"helicone-retry-factor"
RETRY_MIN_TIMEOUT: Final = b"helicone-retry-min-timeout"
RETRY_MAX_TIMEOUT: Final = b"helicone-retry-max-timeout"
FALLBACK: Final = b"helicone-fallback"
FALLBACKS: Final = b"helicone-fallbacks"
INCREASE_TIMEOUT: Final = b"helicone-increase-timeout"
TOKEN_LIMIT_HANDLER: Final = b"helicone-token-limit-exception-handler"
MOCK_RESPONSE: Final = b"__helicone-mock-response"
ASKING_FIELDS: Final = frozenset(
    (
        RETRY_ENABLED,
        RETRY_NUM,
        RETRY_FACTOR,
        RETRY_MIN_TIMEOUT,
        RETRY_MAX_TIMEOUT,
        FALLBACK,
        FALLBACKS,
        INCREASE_TIMEOUT,
        TOKEN_LIMIT_HANDLER,
    )
)
"""What says how a provider is asked; a call without one, and without settings, is asked once."""

FALLBACK_FIELDS: Final = frozenset((FALLBACK, FALLBACKS))
"""Their values hold header fields of other requests, and keys in these."""

ANSWER_FALLBACK_INDEX: Final = b"helicone-fallback-index"
SHOULD_RETRY: Final = b"x-should-retry"
UPSTREAM_IDS: Final = (b"x-request-id", b"request-id", b"apim-request-id", b"x-goog-request-id", b"x-amzn-requestid")
"""Where a provider says what it calls a request, first come first served."""

TRACEPARENT: Final = b"traceparent"
"""The caller's place in a trace (https://www.w3.org/TR/trace-context/)."""

TAG_FIELDS: Final[Mapping[bytes, str]] = MappingProxyType(
    {
        USER_ID: "user",
        SESSION_ID: "session",
        SESSION_PATH: "session_path",
        SESSION_NAME: "session_name",
        REQUEST_NAME: "name",
        PROMPT_ID: "prompt",
        REQUEST_ID: "request_id",
        MODEL_OVERRIDE: "model_override",
    }
)
"""Header → the tag of a call it fills (`helicli.call.Tags`)."""

OMIT_FIELDS: Final[Mapping[bytes, str]] = MappingProxyType(
    {b"helicone-omit-request": "omit_request", b"helicone-omit-response": "omit_response"}
)
"""Header → the tag of a call that `true`, in any case, sets: no body of that side is kept."""

REQUEST_DOCS: Final[Mapping[bytes, str]] = MappingProxyType(
    {
        USER_ID: "The user the call is made for.",
        SESSION_ID: "The session the call belongs to.",
        SESSION_PATH: "The place of the call in its session, such as /plan/search.",
        SESSION_NAME: "What the session is called.",
        REQUEST_NAME: "What this kind of request is called.",
        PROMPT_ID: "The stored prompt to use: support, support@3, support@staging, support-v3; else a name of yours.",
        PROMPT_VARIABLES: 'Values for its variables and for those of the messages: {"question": "…"}.',
        PROMPT_VERSION: "The version or label of the prompt, where its id names none.",
        REQUEST_ID: "An id of your own; where it is a UUID, the answer carries it as its id.",
        PROPERTY_PREFIX: "A label of your own: the rest of the name is its name, compared without case.",
        b"helicone-omit-request": "With true, the request's body is not kept.",
        b"helicone-omit-response": "With true, the answer's body is not kept.",
        TARGET_URL: "The provider's address; a path in it comes before the call's own.",
        OPENAI_API_BASE: "The address of an OpenAI-shaped provider, such as your Azure resource.",
        MODEL_OVERRIDE: "The model whose price the call has; the body and the column model stay as they are.",
        CACHE_ENABLED: "With true, stored answers are served, and this one is stored; with false, neither.",
        CACHE_READ: "The first half of it.",
        CACHE_SAVE: "The other half.",
        CACHE_SEED: "A bucket of its own: calls with another seed share nothing with it; 1,000 characters at most.",
        CACHE_BUCKET_MAX_SIZE: "How many answers the bucket keeps; the least recently used goes first.",
        CACHE_BUCKET_MODE: "variants: the size is how many different answers one question has; else entries.",
        CACHE_IGNORE_KEYS: "Keys of the body that do not count, such as user,metadata.trace.",
        CACHE_CONTROL: "As Cache-Control, and before it: max-age, s-maxage, no-cache, no-store.",
        RETRY_ENABLED: "With true, a call that fails is repeated; with false, not, whatever the settings say.",
        RETRY_NUM: "How often at most, besides the first time.",
        RETRY_FACTOR: "How much longer each wait is than the one before, such as 2.",
        RETRY_MIN_TIMEOUT: "The first wait, in milliseconds.",
        RETRY_MAX_TIMEOUT: "The longest wait, in milliseconds.",
        FALLBACK: 'What to ask once the call has failed, in turn: [{"model": "gpt-4o-mini"}].',
        FALLBACKS: "The same in Helicone's form, whole targets: target-url, headers, onCodes, bodyKeyOverride.",
        INCREASE_TIMEOUT: "With true, the provider has 30 minutes.",
        TOKEN_LIMIT_HANDLER: "For requests too long for their model: truncate, middle-out or fallback.",
        MOCK_RESPONSE: "JSON that is answered at once, without a provider.",
        LIMIT_POLICY: "How much is allowed: 100;w=3600;u=user; the answer carries it in one spelling.",
        AUTH: "Helicone's own key: nobody here asks for it; masked like every key.",
    }
)
"""What a caller may send, one sentence each; a name that ends in `-` is the beginning of many."""

ANSWER_DOCS: Final[Mapping[bytes, str]] = MappingProxyType(
    {
        ANSWER_ID: "The id of the call, which helicli show takes.",
        ANSWER_STATUS: "failed where helicli refused the call at its door, else success.",
        ANSWER_OVERHEAD: "Milliseconds of the call that were helicli's own.",
        ANSWER_CACHE_HIT: "Whether the answer came from the cache.",
        ANSWER_PROMPT_STATUS: "managed where a stored prompt was used, unmanaged where the id only names the request.",
        PROMPT_VERSION: "The version of the stored prompt that was used.",
        ANSWER_CACHE: "HIT or MISS, where a stored answer was looked for.",
        ANSWER_CACHE_BUCKET_IDX: "Which of the answers to one question a hit is, from 0.",
        ANSWER_CACHE_LATENCY: "Milliseconds that the call took which brought the answer of a hit.",
        ANSWER_FALLBACK_INDEX: "Of a call with fallbacks: which target answered, 0 for the first.",
        ANSWER_LIMIT: "Of a limited call: the tightest of its limits.",
        ANSWER_REMAINING: "What is left of it.",
        ANSWER_RESET: "Seconds until one more call is allowed, 0 for now.",
    }
)
"""What answers carry."""

HOP_BY_HOP: Final = frozenset(
    (
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    )
)
"""Fields that speak to the next hop only (RFC 9110, section 7.6.1)."""

SECRETS: Final = frozenset(
    (
        b"authorization",
        b"proxy-authorization",
        b"x-api-key",
        b"api-key",
        b"x-goog-api-key",
        b"ocp-apim-subscription-key",
        b"cookie",
        b"set-cookie",
        b"aws-access-key",
        b"aws-secret-key",
        b"aws-session-token",
        b"x-amz-security-token",
        AUTH,
        FALLBACK,
        FALLBACKS,
    )
)
"""Fields whose value never leaves the proxy's memory unmasked."""

PROVIDER_KEYS: Final = (b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key")
"""Where a provider's key is found, first come first served."""

SECRET_QUERY: Final = frozenset(("key", "api_key", "api-key", "apikey", "access_token", "token", "sig", "signature"))
"""Query parameters whose value is masked."""

MASK: Final = b"***"

SCHEMED: Final = frozenset((b"authorization", b"proxy-authorization", AUTH))
"""Fields whose value begins with the word of its scheme."""

SCHEMES: Final = frozenset((b"bearer", b"basic", b"digest"))
"""Scheme words that are kept when a value is masked."""


def spelled(name: bytes) -> str:
    """A field's name as people write it: `Helicone-Target-Url`."""
    return name.decode("latin-1").title().replace("Ratelimit", "RateLimit")


def text(value: bytes) -> str:
    """A header value as text: UTF-8, percent-encoded UTF-8 (only where that yields non-ASCII), else Latin-1."""
    if value.isascii():
        if b"%" in value:
            plain = unquote_to_bytes(value)
            if not plain.isascii():
                try:
                    return plain.decode()
                except UnicodeDecodeError:
                    pass
        return value.decode("ascii")
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
