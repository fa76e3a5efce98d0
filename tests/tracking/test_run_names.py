"""Names of runs that were given none."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.tracking.run_names import generated_name


@given(run_id=st.text(max_size=40))
def test_a_name_is_two_words_and_a_number(run_id: str) -> None:
    """Whatever the id is, its name can be read out, and is the same the next time."""
    name = generated_name(run_id)
    assert re.fullmatch(r"[a-z]+-[a-z]+-\d{1,3}", name)
    assert generated_name(run_id) == name


def test_a_thousand_runs_have_nearly_a_thousand_names() -> None:
    """Names tell runs apart."""
    assert len({generated_name(f"{number:032x}") for number in range(1000)}) > 995
