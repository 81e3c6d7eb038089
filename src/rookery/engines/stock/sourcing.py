"""Which order takes which option, when many want the same few things: as many served as possible, then cheapest.

A linear program solved by HiGHS in two passes: first the greatest number of orders served, then the least cost
at that number. Where every option takes one unit of one resource the constraints are a network's and the answer
is whole by itself; otherwise whole numbers are demanded and the solver stops at `seconds_max`.
"""

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

WHOLE = 1e-6  # a value this near to 0 or 1 is whole


@dataclass(frozen=True, slots=True)
class Options:
    """O options of N orders over uses of R resources.

    order     int64 (O,), which order an option belongs to, in [0, N)
    cost      int64 (O,), minor units
    use_option, use_resource, use_amount   int64 (U,), what an option takes of which resource
    limit     int64 (R,), what there is of each resource
    """

    order: NDArray[np.int64]
    cost: NDArray[np.int64]
    use_option: NDArray[np.int64]
    use_resource: NDArray[np.int64]
    use_amount: NDArray[np.int64]
    limit: NDArray[np.int64]
    order_count: int


@dataclass(frozen=True, slots=True)
class Choice:
    """The option that each order takes, -1 for none; the number served and their cost.

    exact     False: the solver's time ran out, and `served_max` and `cost_least` are bounds that it proved
    """

    option: NDArray[np.int64]
    served: int
    cost: int
    exact: bool


def choose(options: Options, *, seconds_max: float = 60.0) -> Choice:
    """Give each order at most one option within every limit.

    Returns  the choice that serves most orders and, among those, costs least; ties by the order of options
    Raises   RuntimeError: the solver failed for another reason than time
    Cost     about 1 s for 20,000 options of one unit each
    """
    count = len(options.cost)
    if not count:
        return Choice(np.full(options.order_count, -1, np.int64), 0, 0, exact=True)
    model = _model(options)
    exact, served_by = _solve(model, np.full(count, -1.0), seconds_max=seconds_max)
    if not _is_whole(served_by):
        _demand_whole(model, count)
        exact, served_by = _solve(model, np.full(count, -1.0), seconds_max=seconds_max)
    first, kept = _within_limits(options, served_by > 0.5)
    served = float(first.sum())
    model.addRow(served, float(count), count, np.arange(count, dtype=np.int32), np.ones(count))
    same, values = _solve(model, options.cost.astype(np.float64), seconds_max=seconds_max)
    if not _is_whole(values):
        _demand_whole(model, count)
        same, values = _solve(model, options.cost.astype(np.float64), seconds_max=seconds_max)
    second, still = _within_limits(options, values > 0.5)
    if second.sum() < served:  # time or tolerance ran out: what the first pass found stands
        return _choice(options, first, exact=False)
    return _choice(options, second, exact=exact and kept and same and still)


def _model(options: Options) -> highspy.Highs:
    """Columns are options; rows are orders (at most one) and resources (at most the limit).

    A resource is counted in its amounts' greatest common divisor, and what alone exceeds a limit may not be taken:
    both are exact, and spare the solver numbers that its tolerance could not tell apart.
    """
    orders, count = options.order_count, len(options.cost)
    unit = np.zeros(len(options.limit), np.int64)
    np.gcd.at(unit, options.use_resource, options.use_amount)
    unit = np.maximum(unit, 1)
    rows = np.concatenate([options.order, orders + options.use_resource])
    columns = np.concatenate([np.arange(count), options.use_option])
    values = np.concatenate([np.ones(count), options.use_amount / unit[options.use_resource]])
    by_column = np.lexsort((rows, columns))
    upper = np.ones(count)
    upper[options.use_option[options.use_amount > options.limit[options.use_resource]]] = 0.0
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = count, orders + len(options.limit)
    program.col_cost_ = np.zeros(count)
    program.col_lower_, program.col_upper_ = np.zeros(count), upper
    program.row_lower_ = np.zeros(program.num_row_)
    program.row_upper_ = np.concatenate([np.ones(orders), (options.limit // unit).astype(np.float64)])
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = np.searchsorted(columns[by_column], np.arange(count + 1))
    program.a_matrix_.index_ = rows[by_column]
    program.a_matrix_.value_ = values[by_column]
    model = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in (("output_flag", False), ("threads", 1), ("random_seed", 0), ("mip_rel_gap", 0.0)):
        model.setOptionValue(name, value)
    model.passModel(program)
    return model


def _demand_whole(model: highspy.Highs, count: int) -> None:
    whole = np.full(count, int(highspy.HighsVarType.kInteger), np.uint8)
    model.changeColsIntegrality(count, np.arange(count, dtype=np.int32), whole)


def _solve(model: highspy.Highs, cost: NDArray[np.float64], *, seconds_max: float) -> tuple[bool, NDArray[np.float64]]:
    model.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)
    model.setOptionValue("time_limit", model.getRunTime() + seconds_max)
    model.run()
    status = model.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:  # to its tolerance: taking nothing is always feasible
        return False, np.zeros(len(cost))
    if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kTimeLimit):
        raise RuntimeError(f"sourcing: wanted an optimal choice, the solver ended with {status.name}")
    return status == highspy.HighsModelStatus.kOptimal, np.asarray(model.getSolution().col_value)


def _is_whole(values: NDArray[np.float64]) -> bool:
    return bool(np.all(np.minimum(np.abs(values), np.abs(1 - values)) < WHOLE))


def _used(options: Options, taken: NDArray[np.bool_]) -> NDArray[np.int64]:
    """What the taken options use of each resource."""
    used = np.zeros(len(options.limit), np.int64)
    of_taken = taken[options.use_option]
    np.add.at(used, options.use_resource[of_taken], options.use_amount[of_taken])
    return used


def _within_limits(options: Options, taken: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], bool]:
    """The taken options, less the dearest ones where the solver's tolerance went over a limit; and whether it kept."""
    kept, taken = True, taken.copy()
    while True:
        over = np.flatnonzero(_used(options, taken) > options.limit)
        if not len(over):
            return taken, kept
        users = options.use_option[(options.use_resource == over[0]) & taken[options.use_option]]
        taken[users[np.argmax(options.cost[users])]] = kept = False


def _choice(options: Options, taken: NDArray[np.bool_], *, exact: bool) -> Choice:
    """The solver's answer in whole numbers, checked against every limit."""
    option = np.full(options.order_count, -1, np.int64)
    option[options.order[taken]] = np.flatnonzero(taken)
    assert np.all(_used(options, taken) <= options.limit), "a choice stays within every limit"
    return Choice(option, int(taken.sum()), int(options.cost[taken].sum()), exact)
