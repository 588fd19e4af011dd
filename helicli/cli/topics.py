"""What help tells beside the commands: topics, each a few paragraphs and tables.

Owns the words. What can be read off the code (columns, headers, exit codes, options) is read off it, so that a topic
cannot say what is not so. Tuples, because shells that complete a topic's name wait for no msgspec.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Section(NamedTuple):
    """A heading (empty for none), paragraphs, and rows of a name and what it means."""

    title: str
    text: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()


class Topic(NamedTuple):
    """A topic: one sentence, and what it says when asked."""

    sentence: str
    sections: Callable[[], tuple[Section, ...]]


def _filters() -> tuple[Section, ...]:
    return (
        Section(
            "",
            (
                "A filter is terms, all of which must hold: helicli filter 'user:ada status:4xx'. = may stand for :. "
                "Values are compared letter by letter; those of provider, error and cache, and the names of "
                "properties, without case. What a call does not have is equal to nothing.",
            ),
            (
                ("user:ada,linus", 'either of them; quotes where a value has spaces: user:"ada l"'),
                ("model:gpt-4o*", "* stands for any text; model is the one asked for or the one that answered"),
                ("status:4xx status:error", "a class, a number, ok, or error: 400 or more, or not answered at all"),
                ("cost:>0.01 latency:1s..5s", "> >= < <= and ranges; 500ms 2s 1m30s, $0.01 5¢, 3.1k 2M"),
                ("prop.Feature:search", "a property of the caller's; prop.Feature:* for any value"),
                ("has:error is:stream", "what a call has; is: stream, error, ok, cached, estimated"),
                ("has:score score.helpful:<0.5", "scored at all, or so; helicli score"),
                ("prompt:support@3", "version 3 of a prompt; without @3 any"),
                ("created_at:>=monday", "an instant, in the words of --since; a day is all of it"),
                ("seq:12481 id:0193ab", "a number, an id or its beginning"),
                ('"refund policy" text:spam', "what was said, in any case; every call that is left is read for it"),
                ("-cache:hit  not cache:hit", "what does not hold; != is the opposite of ="),
                ("user:a or (is:stream and -user:b)", "OR binds less than AND, which may be left out"),
                ("@slow", "a saved filter: helicli filters save slow 'latency:>5s'"),
            ),
        ),
        Section("Fields", ("Every column, with or without its unit: helicli help columns.",)),
        Section(
            "Options",
            (
                "They are terms as well: -u ada --errors is user:ada status:error. Values of one option are "
                "alternatives, save those of --prop, and are taken letter by letter.",
            ),
            (
                ("-u ada -u linus", "of either user"),
                ("-m 'gpt-4o*'", "the model that was asked for or that answered; * stands for any text"),
                ("-P Environment=production", "with this property; again: all of them"),
                ("--prompt support@3", "made from version 3 of a prompt; without @3 from any"),
                ("--status 4xx", "a class; also a number, ok, error, and 200,429 for any of them"),
                ("--errors", "the same as --status error: answered with 400 or more, or not at all"),
                ("--explain", "the filter in words, the statement and its plan"),
            ),
        ),
        Section(
            "Time",
            (
                "--since and --until take a time in your zone; a call counts by when its request arrived. filter looks "
                "at the last 30 days where neither is given, tail at all.",
            ),
            (
                ("90s 15m 1h30m 2d 1w", "so long ago"),
                ("today yesterday monday", "midnight of that day"),
                ("week month", "midnight of this week's monday, of the first of this month"),
                ("2026-11-20", "midnight of that day"),
                ("2026-11-20T14:00", "that minute; with Z or +01:00 in that zone"),
                ("all", "from the first call on"),
            ),
        ),
    )


def _policies() -> tuple[Section, ...]:
    from helicli import headers

    return (
        Section(
            "",
            (
                "A policy is how much, in which window, counted for whom: 100;w=3600;u=user is 100 requests in any "
                f"3600 seconds for each user. It stands in the header {headers.spelled(headers.LIMIT_POLICY)}, in "
                "limits add, in limits.policies of your settings, and after --limit of serve and run; all that are for "
                "a call must allow it. helicli limits explain POLICY says one in English.",
            ),
            (
                ("100", "how much; of cents also parts: 0.5"),
                ("w=3600", "the last so many seconds, to 31536000"),
                ("w=day w=month", "the calendar's, in the zone of limits.zone"),
                ("u=request", "requests, as without a unit; counted before the call, also where it fails"),
                ("u=tokens", "tokens read and written; set aside before the call, corrected by what it used"),
                ("u=cents", "US cents, in the same way; what has no price is refused: limits.unpriced"),
                ("u=user", "for each user; also org, key, model, provider, or global: for all together"),
                ("s=team", "for each value of the property team; s= and u= take all of the words above"),
                ("100;w=60,5;w=1;u=user", "several, all of which must allow; not in limits add"),
            ),
        ),
        Section(
            "Stored ones",
            (
                "A filter after the policy says whose calls a stored one is for: helicli limits add few '100;w=day' "
                "model:gpt-4o* -user:root. It may ask for what is known before a call: user, session, name, run, "
                "model, provider, prop.NAME.",
            ),
        ),
    )


def _headers() -> tuple[Section, ...]:
    from helicli import headers

    def rows(docs: Mapping[bytes, str]) -> tuple[tuple[str, str], ...]:
        return tuple(
            (headers.spelled(name) + ("<Name>" if name.endswith(b"-") else ""), doc) for name, doc in docs.items()
        )

    return (
        Section("What a call may carry", ("None of them is sent on to the provider.",), rows(headers.REQUEST_DOCS)),
        Section("What answers carry", (), rows(headers.ANSWER_DOCS)),
    )


def _columns() -> tuple[Section, ...]:
    from helicli.columns import COLUMNS

    return (
        Section(
            "",
            (
                "These are the keys of JSON, the columns of the view `requests`, and what --columns and --sort take. "
                "A unit at the end may be left out: cost for cost_usd. prop.NAME is a single property, text what went "
                "wrong or else the last thing the user said.",
            ),
            tuple((column.name, column.doc) for column in COLUMNS),
        ),
    )


def _exit_codes() -> tuple[Section, ...]:
    from helicli.errors import EXIT_CODES

    return (Section("", (), tuple((str(code), doc) for code, doc in EXIT_CODES)),)


def _environment() -> tuple[Section, ...]:
    from helicli import baseurls

    given = "They name the address of the engine. Each was found in the source of the version named."
    return (
        Section("", ("An option always wins over the environment.",), ENVIRONMENT),
        Section("What run and env set", (given,), tuple((each.name, each.readers) for each in baseurls.VARIABLES)),
        Section("Who reads none of them", (), tuple((each.client, each.instead) for each in baseurls.DEAF)),
    )


ENVIRONMENT: Final = (
    ("HELICLI_DB", "the database, as --db"),
    ("HELICLI_CONFIG", "your settings, as --config"),
    ("HELICLI_SERVE_PORT, …", "any setting by its key: helicli config list"),
    ("XDG_CONFIG_HOME", "where your settings stand: $XDG_CONFIG_HOME/helicli/config.toml"),
    ("XDG_DATA_HOME", "where the database stands by itself: $XDG_DATA_HOME/helicli/helicli.db"),
    ("XDG_RUNTIME_DIR", "where the engine's control socket stands; else TMPDIR"),
    ("TZ", "the zone in which times are read and shown"),
    ("NO_COLOR", "no colours, where it is not empty"),
    ("FORCE_COLOR", "colours also on a pipe, where it is not empty; NO_COLOR wins"),
    ("TERM", "dumb: no colours, no pager, no progress"),
    ("COLORTERM, TEXTUAL_COLOR_SYSTEM", "how many colours tui has, where tui.theme is auto"),
    ("LC_ALL, LC_CTYPE, LANG", "ASCII alone in tui where they are not UTF-8, and tui.symbols is auto"),
    ("COLUMNS, LINES", "the size of the terminal, before what it says itself"),
    ("VISUAL, EDITOR", "the editor of config edit"),
    ("PAGER", "the pager of show and help, less -FIRX by itself; empty or cat for none"),
    ("HTTP_PROXY, HTTPS_PROXY, NO_PROXY", "the way from serve to the providers"),
    ("SSL_CERT_FILE", "the certificates serve trusts, instead of the system's"),
)
"""Every variable that is read."""


def _formatting() -> tuple[Section, ...]:
    return (
        Section(
            "",
            (
                "Data goes to stdout, everything else to stderr. A terminal gets a table, cut to its width; a pipe "
                "gets plain rows, whole, separated by tabs, without a head. The calls and their order are the same.",
            ),
            (
                ("--format table", "aligned, for people; what is not known is –"),
                ("--format plain", "rows separated by tabs; what is not known is empty"),
                ("--format json", "one array, or one object where one thing is asked for"),
                ("--format jsonl", "an object on each line; what --json means for tail"),
                ("--format csv", "RFC 4180 with a head; text that a spreadsheet would run begins with '"),
                ("--columns seq,cost", "these columns in this order: helicli help columns"),
                ("--sort cost:desc", "by a column, the largest first; what is not known is last"),
                ("--time HOW", "relative (2m ago), local, utc or unix; JSON is always RFC 3339 in UTC"),
                ("--color WHEN", "auto: on a terminal, unless NO_COLOR is set or TERM is dumb"),
            ),
        ),
        Section(
            "Text of others",
            (
                "Prompts and answers never drive the terminal: what would is shown as ·, a line end within a line as "
                "⏎. In JSON it is escaped, so that nothing is lost. Bytes as they were: helicli show CALL --response "
                "--raw > FILE.",
            ),
        ),
    )


def _keys() -> tuple[Section, ...]:
    from helicli.tui import keys

    tables = tuple(
        Section(
            scope.capitalize() if scope != keys.CALL else "A call",
            (),
            tuple((" ".join(map(keys.shown, action.keys)), f"{action.doc} ({action.id})") for action in actions),
        )
        for scope in keys.SCOPES
        if (actions := keys.bindings_of(scope))
    )
    return (
        Section(
            "",
            (
                "helicli tui shows the log on the full screen: the calls, one call, and analytics. It only reads, and "
                "goes on by itself when calls come, when the engine is stopped and when the file is another. "
                "helicli tui status:error begins with a filter, --screen analytics with the figures.",
                "/ types a filter in the language of helicli help filters: what can be read is applied as it is typed, "
                "tab completes fields and values of the log, a mistake is pointed at, up and down go through the "
                "filters that were used, esc leaves all as it was.",
                "y copies the command that shows the same on the command line. e and E go from error to error, s and S "
                "from one slow call to the next, u m p narrow the list to what the call under the cursor has, U M P "
                "leave it out; the cursor stays at its call. x marks calls, whatever is chosen then: d in a call shows "
                "what differs from the one that was marked last.",
                "^o puts a letter on each place of the screen, and that letter takes the keys there: to the filter, "
                "the list, the pane of the call, a view or a panel. z has what was gone to alone.",
                "A mouse does what keys do and is needed for nothing. In the tables the id of a key stands behind "
                "what it does: keys.ID in the settings gives it other keys, as in helicli config set keys.mark ctrl+k.",
            ),
        ),
        *tables,
        Section(
            "Terminals",
            (
                "tui.theme is any of Textual's themes; ansi-dark and ansi-light use the terminal's sixteen colours. "
                "auto takes ansi-dark where TERM and COLORTERM tell of no more than those, else helicli. "
                "With NO_COLOR or --color never nothing but bold, dim and reverse is drawn. tui.symbols ascii draws "
                "frames and graphs in ASCII, block without braille. auto takes ascii where LC_ALL, LC_CTYPE or LANG "
                "name something that is not UTF-8, block on a Linux console, else braille.",
            ),
        ),
    )


TOPICS: Final[Mapping[str, Topic]] = MappingProxyType(
    {
        "filters": Topic("how calls are chosen", _filters),
        "policies": Topic("how calls are limited", _policies),
        "columns": Topic("what is known of a call", _columns),
        "headers": Topic("what a call can carry for helicli, and what answers carry", _headers),
        "formatting": Topic("how data is written", _formatting),
        "exit-codes": Topic("what a command ends with", _exit_codes),
        "keys": Topic("the full screen, and what its keys do", _keys),
        "environment": Topic("the variables that are read", _environment),
    }
)
"""In the order of the help."""
