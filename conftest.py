"""Where ROOKERY_REQUIRE is set, as on the build machine, a test that is skipped has failed: it should have run.

A test marked `optional` needs an extra that nobody has to install; it may still be skipped.
"""

import os
from collections.abc import Generator
from typing import Any

import pytest

REQUIRED = os.environ.get("ROOKERY_REQUIRE", "")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "optional: needs an extra; may be skipped even where ROOKERY_REQUIRE is set")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, pytest.TestReport]:
    report: pytest.TestReport = yield
    if REQUIRED and report.skipped and not hasattr(report, "wasxfail") and not item.get_closest_marker("optional"):
        _fail(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, pytest.CollectReport]:
    report: pytest.CollectReport = yield
    if REQUIRED and report.skipped:
        _fail(report)
    return report


def _fail(report: pytest.TestReport | pytest.CollectReport) -> None:
    why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    report.outcome = "failed"
    report.longrepr = f"{why}\nROOKERY_REQUIRE={REQUIRED} asks that every test runs; this one was skipped"
