"""One call as a page: what it was, what was said, how long it took, what it cost.

Owns the order and the words of the page. A page has the same lines in a terminal and on a pipe; only colour, width and
the way instants are written differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus

from msgspec import Struct

from helicli.providers.facts import Message
from helicli.query.calls import Call
from helicli.query.tries import Attempt
from helicli.query.wire import Wire
from helicli.rates import Split
from helicli.units import rfc3339, seconds
from helicli.view import tries
from helicli.view.fields import pairs
from helicli.view.lines import paint, trouble
from helicli.view.safe import safe
from helicli.view.style import Style
from helicli.view.text import bar, cells, cut, left, thin, wrap

_ROLE = 11
_BAR = 24
_LEAST_BAR = 4
_WIDEST = 110
_INPUTS = 300
"""So much of the values of a prompt is shown; --json has all."""


class Page(Struct, frozen=True):
    """How a page is laid out. `width` 0 breaks no line; `instant` writes the time of the call."""

    style: Style
    width: int = 0
    instant: Callable[[int], str] = rfc3339


def page(
    call: Call,
    wire: Wire,
    turns: Sequence[Message],
    look: Page,
    parts: Split | None = None,
    attempts: Sequence[Attempt] = (),
) -> list[str]:
    """The lines of a call's page; `parts` is what its cost is made of, `attempts` how it was asked."""
    lines = [_first(call, look)]
    whose = _whose(call)
    if whose:
        lines += wrap(whose, look.width) if look.width else [whose]
    lines.append("")
    if wire.inputs is not None:
        told = safe(wire.inputs.decode("utf-8", "replace"))
        lines += _said("inputs", cut(told, _INPUTS), look, look.style.dim)
    lines += talk(turns, look)
    if call.failed:
        lines += _said("error", safe(trouble(call), newlines="\n"), look, look.style.bad)
    notes = _notes(call, wire, bool(turns))
    if call.attempts > 1 and not attempts:
        notes.append(f"the provider was asked {call.attempts} times")
    lines += [look.style.dim(f"  {note}") for note in notes]
    if lines[-1]:
        lines.append("")
    lines += tries.lines(attempts, look.style, look.width)
    lines.append(_timing(call, look))
    lines += _joined([_tokens(call), _cost(call, parts)], "      ", look)
    # One idea is better than two lines of them.
    lines.append(_joined(["next    " + _next(call)[0], *_next(call)[1:]], "     ", look)[0])
    return [thin(line) for line in lines] if look.width else lines


def talk(turns: Sequence[Message], look: Page) -> list[str]:
    """A conversation, indented, as it stands on the page and under a line of `tail --bodies`."""
    return [line for turn in turns for line in _turn(turn, look)]


def _first(call: Call, look: Page) -> str:
    """`12481  200 OK  gpt-4o via openai  12m ago`."""
    status = "–  not answered"
    if call.status is not None:
        known = {one.value: one.phrase for one in HTTPStatus}
        status = f"{call.status} {known.get(call.status, '')}".rstrip()
    when = look.instant(call.created_at)
    model = safe(call.model or call.requested_model or "no model")
    seq = look.style.accent(str(call.seq))
    return f"{seq}  {paint(call, look.style)(status)}  {model} via {safe(call.provider or '–')}  {when}"


def _whose(call: Call) -> str:
    """`user ada · session chat-17 · Environment=production`; empty where nothing was said of it."""
    parts = [
        f"{name} {safe(value)}"
        for name, value in (
            ("user", call.user),
            ("session", call.session),
            ("name", call.name),
            ("prompt", f"{call.prompt}@{call.prompt_version}" if call.prompt_version else call.prompt),
            ("request id", call.request_id),
        )
        if value
    ]
    if call.properties:
        parts.append(safe(pairs(call.properties)))
    if call.scores:
        parts.append(f"scored {safe(pairs(call.scores))}")
    return " · ".join(parts)


def _turn(turn: Message, look: Page) -> list[str]:
    text = "\n".join([*([turn.text] if turn.text else []), *(f"→ {call}" for call in turn.tool_calls)])
    return _said(safe(turn.role), safe(text, newlines="\n") or "(nothing)", look, look.style.accent)


def _said(role: str, text: str, look: Page, colour: Callable[[str], str]) -> list[str]:
    width = min(look.width, _WIDEST) - _ROLE - 2 if look.width else 0
    parts = wrap(text, max(20, width)) if width else text.split("\n")
    head = "  " + colour(left(role, _ROLE - 1)) + " "
    return [(head if at == 0 else " " * (_ROLE + 2)) + part for at, part in enumerate(parts)]


def _notes(call: Call, wire: Wire, told: bool) -> list[str]:
    """What a reader must know of the page: what is not kept, what was masked, what was estimated."""
    notes = [
        f"{name}: {side.missing}"
        for name, side in (("request", wire.request), ("response", wire.response))
        if side.missing
    ]
    if not told and not notes:
        notes.append(f"no conversation here; {_size(wire)}: helicli show {call.seq} --request")
    if wire.redacted:
        notes.append("a key was masked in the body")
    return notes


def _size(wire: Wire) -> str:
    return f"{wire.request.size:,} bytes sent, {wire.response.size:,} received"


def _timing(call: Call, look: Page) -> str:
    """The parts of the latency, in the order in which they passed, with bars where there is room."""
    parts = latency_parts(call)
    words = [f"{name} {seconds(part)}" for name, part in parts]
    total = f"total {seconds(call.latency_us)}"
    plain = "timing  " + " ".join([*words, total])
    most = _BAR
    if look.width:
        if cells(plain) > look.width:
            return "timing  " + total
        # A bar that is not empty takes up to a cell more than its share, and a space before it.
        most = min(_BAR, look.width - cells(plain) - 2 * len(parts))
    if most < _LEAST_BAR:
        return plain
    bars = [look.style.accent(bar(part / max(1, call.latency_us), most)) for _, part in parts]
    return "timing  " + " ".join([*(f"{word} {drawn}" for word, drawn in zip(words, bars, strict=True)), total])


def latency_parts(call: Call) -> list[tuple[str, int]]:
    """Parts in microseconds that make up the latency. What is stored of the first token is from the call's begin."""
    ours = min(call.overhead_us or 0, call.latency_us)
    parts = [("overhead", ours)] if call.overhead_us is not None else []
    if call.ttft_us is None:
        return [*parts, ("upstream", call.latency_us - ours)]
    first = max(ours, min(call.ttft_us, call.latency_us))
    return [*parts, ("first token", first - ours), ("stream", call.latency_us - first)]


def _joined(texts: Sequence[str], gap: str, look: Page) -> list[str]:
    """Texts on one line, or each on its own where they are too wide for that."""
    line = gap.join(texts)
    return [line] if not look.width or cells(line) <= look.width else list(texts)


def _tokens(call: Call) -> str:
    if call.read_tokens is None and call.output_tokens is None:
        return "tokens  not known"
    cached = f" ({call.cache_read_tokens or 0:,} cached)"
    written = f"{call.output_tokens:,} out" if call.output_tokens is not None else "– out"
    reasoning = f" ({call.reasoning_tokens:,} reasoning)" if call.reasoning_tokens else ""
    estimated = " · estimated" if call.usage_estimated else ""
    read = f"{call.read_tokens:,} in" if call.read_tokens is not None else "– in"
    return f"tokens  {read}{cached} · {written}{reasoning}{estimated}"


def _cost(call: Call, parts: Split | None) -> str:
    """`cost  $0.00103 + $0.00096 = $0.00199`: tokens read, tokens written, fees where there are any, and the whole."""
    if call.failed and call.cost_nano == 0:
        return "cost  –"
    if call.cache in ("hit", "semantic"):
        source = f" from call {call.cached_from}" if call.cached_from is not None else ""
        saved = f", saved {exact_dollars(call.saved_nano)}" if call.saved_nano else ""
        return f"cost  $0.00 · cached{source}{saved}"
    if call.cost_nano is None:
        return "cost  unpriced"
    whole = exact_dollars(call.cost_nano)
    if parts is None:
        return f"cost  {whole}"
    terms = [f"{exact_dollars(parts.tries_nano)} tries before"] if parts.tries_nano else []
    terms += [exact_dollars(parts.input_nano), exact_dollars(parts.output_nano)]
    if parts.fees_nano:
        terms.append(f"{exact_dollars(parts.fees_nano)} fees")
    return f"cost  {' + '.join(terms)} = {whole}"


def exact_dollars(nano: int) -> str:
    """Dollars with every figure there is, at least two after the point: `$0.00199`."""
    whole, rest = divmod(nano, 1_000_000_000)
    return f"${whole:,}.{f'{rest:09d}'.rstrip('0'):0<2}"


def _next(call: Call) -> list[str]:
    """Commands that go on from here. A value is quoted for a shell, and left out where it cannot be shown as it is."""
    from shlex import quote

    ideas = [f"helicli show {call.seq} --response"]
    for option, value in (("session", call.session), ("user", call.user)):
        if value and safe(value) == value and cells(value) < 40 and not value.startswith("-"):
            return [*ideas, f"helicli tail --{option} {quote(value)} --no-follow"]
    return [*ideas, f"helicli show {call.seq} --json"]
