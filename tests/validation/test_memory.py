"""What a large content leaves behind in the process that checked it."""

from __future__ import annotations

import subprocess
import sys

import pytest

_CHILD = """
from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.validation.content_rules import rules_of
from digipoort_sim.validation.pipeline import Validator
from digipoort_sim.validation.subject import Delivered, Part

def resident():
    lines = open("/proc/self/status").read().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])

rules = rules_of(load_catalogue().berichtsoort("Aangifte_LH"))
def check(times):
    content = b"<a>" + b"<IV><Nr>1</Nr><Naam>Jansen</Naam></IV>" * times + b"</a>"
    Validator().check(Delivered(Part(content, "text/xml", "a.xml"), rules))

check(10)
before = resident()
check(220_000)
print(resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and the C library has to be glibc")
def test_the_tree_of_a_large_content_is_given_back_to_the_system() -> None:
    """After 8 MiB, whose tree takes some 150 MB, the process is not 50 MB larger than before."""
    done = subprocess.run([sys.executable, "-c", _CHILD], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 50_000, done.stdout
