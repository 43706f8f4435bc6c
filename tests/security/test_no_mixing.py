"""Calls that are served at the same time, or one after the other by reused parts, never mix."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

from lxml import etree

from digipoort_sim.wus import contract, names
from digipoort_sim.wus.names import Operation


def test_calls_do_not_mix() -> None:
    """Every call gets its own operation, body and answer or error, among failing ones and in threads."""
    operations = list(names.OPERATIONS.values())

    def call(number: int) -> None:
        chance = random.Random(number)
        operation = chance.choice(operations)
        body = etree.Element(operation.request_tag)
        body.text = str(number)
        seen: list[tuple[Operation, etree._Element]] = []

        def perform(asked: Operation, given: etree._Element) -> str:
            seen.append((asked, given))
            if number % 5 == 0:
                raise KeyError(given.text)
            return f"answer {given.text}"

        try:
            answer = contract.dispatch(names.SERVICES[operation.service], body, perform)
        except KeyError as error:
            answer = f"error {error.args[0]}"
        assert answer == f"{'error' if number % 5 == 0 else 'answer'} {number}"
        assert seen == [(operation, body)]

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(call, range(2_000)))
