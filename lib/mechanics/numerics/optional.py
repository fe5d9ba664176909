"""Packages that only some users need."""

from importlib import import_module
from types import ModuleType


def optional(package: str, extra: str) -> ModuleType:
    """Import a package that one of the library's extras brings.

    Raises
    ------
    ImportError
        If it is not installed; the message says how to install it.
    """
    try:
        return import_module(package)
    except ImportError as error:
        raise ImportError(
            f"this needs the package {package}: pip install 'mechanics[{extra}]'"
        ) from error
