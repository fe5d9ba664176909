"""A number that the reader of a figure chooses."""

from dataclasses import dataclass
from math import isfinite


@dataclass(frozen=True)
class Slider:
    r"""A range in which the reader chooses a number.

    It may stand for a parameter, for an initial value, or for the step ``dt``.

    Attributes
    ----------
    low, high
        The ends of the range.
    value
        Where the slider stands at first; the middle by default.
    step
        The distance of neighbouring values; a hundredth of the range by default.
    label
        What is written beside it; the typeset name of the parameter by default.

    Raises
    ------
    ValueError
        If the range is empty or not finite, the step does not fit into it, or the
        value lies outside.

    Examples
    --------
    >>> Slider(0.5, 2.5).value
    1.5
    >>> Slider(0, 1, value=2)
    Traceback (most recent call last):
        ...
    ValueError: the value 2 of a slider lies outside its range from 0 to 1
    """

    low: float
    high: float
    value: float | None = None
    step: float | None = None
    label: str | None = None

    def __post_init__(self):
        if not (isfinite(self.low) and isfinite(self.high) and self.low < self.high):
            raise ValueError(
                f"a slider from {self.low} to {self.high} has no range: give two "
                "finite numbers, the smaller one first"
            )
        width = self.high - self.low
        if self.value is None:
            object.__setattr__(self, "value", self.low + width / 2)
        if self.step is None:
            object.__setattr__(self, "step", width / 100)
        if not 0 < self.step <= width:
            raise ValueError(
                f"the step {self.step} of a slider does not fit into its range from "
                f"{self.low} to {self.high}"
            )
        if not self.low <= self.value <= self.high:
            raise ValueError(
                f"the value {self.value} of a slider lies outside its range from "
                f"{self.low} to {self.high}"
            )
