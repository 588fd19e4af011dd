"""`helicli costs`: what calls cost, by anything.

Owns the question and its sentence on stderr; today where no time is given. Prices are never made up: calls without one
are counted and left out of every sum.
"""

from __future__ import annotations

from typing import Annotated

import typer
from msgspec.structs import replace
from typer._click.core import Context

from helicli import grouping
from helicli.cli import asking, backlog, grids, selecting
from helicli.cli.options import Invocation, invocation
from helicli.cli.root import new
from helicli.cli.unknown import tell_unknown
from helicli.errors import NotFoundError, OverBudgetError, UsageError
from helicli.filters import Filter, parse, property_is
from helicli.query.groups import sums
from helicli.query.reading import Log
from helicli.query.totals import Key, Totals, added_up
from helicli.rates import Rate
from helicli.store.dimensions import SUMS
from helicli.units import dollars
from helicli.view.costs import cost_grid
from helicli.view.figures import Heading
from helicli.view.summary import summary

app = new()

_PANEL = "Groups"
_SUMS = tuple(name for name in SUMS if name not in ("saved_us", "hits", "misses"))


@app.command(
    cls=selecting.FilterCommand,
    shared=(*selecting.SELECTION, *grids.OUTPUT),
    epilog="""
    helicli costs
    helicli costs --since 7d --by user --top 10
    helicli costs --by day --by prop.feature --since month --json
    helicli costs --since month --as gpt-4o-mini
    helicli costs --since month --budget 50 || echo "too much"
    helicli costs --branch main --by model
    """,
)
def costs(
    ctx: Context,
    words: selecting.Words = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by",
            metavar="WHAT",
            help="model, user, prop.NAME, …, hour, day, week or month; again = within it.",
            rich_help_panel=_PANEL,
        ),
    ] = None,
    top: Annotated[
        int, typer.Option("--top", "-n", metavar="N", min=0, help="The dearest N only.", rich_help_panel=_PANEL)
    ] = 0,
    as_model: Annotated[
        str | None,
        typer.Option("--as", metavar="MODEL", help="What the same tokens cost there.", rich_help_panel=_PANEL),
    ] = None,
    unpriced: Annotated[
        bool, typer.Option("--unpriced", help="The models no price is known of.", rich_help_panel=_PANEL)
    ] = False,
    budget: Annotated[
        float | None,
        typer.Option("--budget", metavar="$", min=0, help="Exit 8 where it cost more.", rich_help_panel=_PANEL),
    ] = None,
    branch: Annotated[
        list[str] | None,
        typer.Option("--branch", metavar="NAME", help="Of runs on this git branch.", rich_help_panel="Selection"),
    ] = None,
    ci: Annotated[bool, typer.Option("--ci", help="Of runs in CI.", rich_help_panel="Selection")] = False,
) -> None:
    """Print what calls cost, the dearest group first."""
    run = invocation(ctx)
    chosen, told = selecting.within(run, words, "today")
    chosen = _narrowed(chosen, branch, ci=ci)
    groups = tuple(grouping.by(word) for given in by or ["model"] for word in given.split(",") if word.strip())
    if unpriced:
        groups = (grouping.by("provider"), grouping.by("model"))
    if len({each.name for each in groups}) < len(groups):
        raise UsageError("--by names one thing twice", "leave one of them out")
    with asking.log(run) as db:
        if grids.explain(run, db, chosen, told, groups):
            return
        found = sums(db, chosen, groups, run.zone, only=SUMS if as_model else _SUMS)
        rate = _rate(run, db, as_model) if as_model else None
    backlog.tell(run.out, run.database)
    whole = added_up(found.values())
    if unpriced:
        found = {key: total for key, total in found.items() if total.unpriced}
    what_if = _what_if(found, rate) if rate else None
    # With --sort the first of that order are meant.
    dearest = 0 if run.one("sort") else top
    grid = cost_grid(groups, found, run.zone, what_if, as_model or "", dearest)
    if unpriced:
        grid = replace(grid, headings=tuple(_shown(each) for each in grid.headings), total=None)
    grids.show(run, grid, top)
    some = f"{top:,} of {len(found):,} groups" if 0 < top < len(found) else ""
    run.out.say(_told(told, chosen, whole, some, hint=not unpriced))
    if not whole.calls:
        tell_unknown(run, chosen)
    if budget is not None and whole.cost_nano > round(budget * 1e9):
        fix = "helicli costs --by user --by model   (to see where it went)"
        raise OverBudgetError(f"{dollars(whole.cost_nano)} spent, more than {dollars(round(budget * 1e9))}", fix)
    grids.fail_empty(run, found)


def _shown(heading: Heading) -> Heading:
    return replace(heading, only="") if heading.name == "unpriced" else heading


def _narrowed(chosen: Filter, branches: list[str] | None, *, ci: bool) -> Filter:
    for branch in branches or ():
        chosen = chosen.both(property_is("git_branch", branch))
    return chosen.both(parse("prop.ci:*").term) if ci else chosen


def _rate(run: Invocation, db: Log, model: str) -> Rate:
    """The standard price of a model now, of those the log has met or of the price list. Raises NotFoundError."""
    from helicli.query.costs import known_rate
    from helicli.recorder.price import Prices

    now = int(run.now().timestamp() * 1000)
    rate = known_rate(db, model, now)
    if rate is None:
        prices = Prices()
        provider, slash, name = model.partition("/")
        several = [(provider, name)] if slash else [(each, model) for each in ("openai", "anthropic", "google")]
        rate = next((found for given in several if (found := prices.rate(*given, now))), None)
    if rate is None:
        raise NotFoundError(f'no price is known of "{model}"', "name it with its provider: --as groq/llama-3.3-70b")
    if len(rate.tiers) > 1:
        run.out.say(f"note:  {model} costs more for calls that read more than {rate.tiers[1].above:,} tokens")
    return rate


def _what_if(found: dict[Key, Totals], rate: Rate) -> dict[Key, int | None]:
    from helicli.query.costs import as_model

    return {key: as_model(total, rate.tiers[0]) for key, total in found.items()}


def _told(window: str, chosen: Filter, whole: Totals, some: str, *, hint: bool) -> str:
    parts = [window, *([some] if some else []), summary(whole.calls, whole.cost_nano, whole.errors, 0)]
    if whole.saved_nano:
        parts.append(f"{dollars(whole.saved_nano)} saved by the cache")
    if whole.unpriced:
        parts.append(f"{whole.unpriced:,} unpriced" + (" (helicli costs --unpriced)" if hint else ""))
    return " · ".join([*parts, *([chosen.text] if chosen.text else [])])
