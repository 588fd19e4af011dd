"""The prompts of one proxy: begun with, changed, and tried again where they could not be read."""

from __future__ import annotations

import asyncio
import socket
from contextlib import closing

from helicli.engine.change_words import PromptsRead, ReadPrompts
from helicli.engine.link import AsyncLink
from helicli.engine.prompt_keeper import PromptKeeper
from helicli.engine.words import Notice
from helicli.prompts import File, Source
from helicli.store import prompts
from helicli.store.connect import open_writer
from helicli.store.prompts import Push
from tests.proxy.house import Proxy


def store(folder, text):
    with closing(open_writer(folder / "db")) as db:
        prompts.change(db, Push((Source(File("p.md", f"## user\n{text}\n")),)))


def run(folder, work):
    """Drive a keeper; `work` gets it, its house and the other end of its link."""

    async def main():
        (folder / "db.calls").mkdir()
        ours, theirs = socket.socketpair()
        link, other = await AsyncLink.open(ours), await AsyncLink.open(theirs)
        async with Proxy(folder / "db.calls", "http://127.0.0.1:9") as proxy:
            try:
                async with asyncio.timeout(20):
                    await work(PromptKeeper(folder / "db", proxy.house, link), proxy.house, other)
            finally:
                link.close()
                other.close()

    asyncio.run(main())


def test_it_begins_with_what_is_there(tmp_path):
    store(tmp_path, "hi")

    async def work(keeper, house, other):
        await keeper.begin()
        assert house.shelf.get("p", 1).fill({}).messages[0].text == "hi"

    run(tmp_path, work)


def test_a_change_is_in_use_when_it_is_answered(tmp_path):
    store(tmp_path, "one")

    async def work(keeper, house, other):
        await keeper.begin()
        before = house.shelf
        for number in range(2, 12):
            store(tmp_path, f"text {number}")
            keeper.on_word(ReadPrompts(number))
        numbers = [(await other.hear()).number for _ in range(10)]
        assert sorted(numbers) == list(range(2, 12))
        assert house.shelf.prompts["p"].used == 11
        assert house.shelf.get("p", 1) is before.get("p", 1)
        assert before.prompts["p"].used == 1, "who holds a shelf keeps it"

    run(tmp_path, work)


def test_without_a_database_there_are_none(tmp_path):
    async def work(keeper, house, other):
        await keeper.begin()
        assert house.shelf.prompts == {}
        keeper.on_word(ReadPrompts(4))
        assert await other.hear() == PromptsRead(4)

    run(tmp_path, work)


def test_what_cannot_be_read_is_said_once_and_tried_again(tmp_path):
    (tmp_path / "db").write_bytes(b"no database at all" * 100)

    async def work(keeper, house, other):
        await keeper.begin()
        assert isinstance(await other.hear(), Notice)
        await keeper.begin()
        keeper.on_word(ReadPrompts(1))
        (tmp_path / "db").unlink()
        store(tmp_path, "hi")
        keeper.again()
        await asyncio.gather(*keeper._tasks)
        assert house.shelf.prompts
        keeper.again()
        keeper.on_word(ReadPrompts(2))
        word = await other.hear()
        while word.number != 2:
            word = await other.hear()
        assert isinstance(word, PromptsRead)

    run(tmp_path, work)
