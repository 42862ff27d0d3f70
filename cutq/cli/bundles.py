"""Options that several commands share, as bundles: one function says what they are and what value they make."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

Command = Callable[..., None]


def with_bundle(name: str, bundle: Callable[..., Any]) -> Callable[[Command], Command]:
    """Makes commands that have the options of a bundle in place of the parameter of this name.

    Options that a command has itself, under the same name, are left out.
    """

    def bundled(command: Command) -> Command:
        own = dict(inspect.signature(command, eval_str=True).parameters)
        del own[name]
        options = {
            key: option for key, option in inspect.signature(bundle, eval_str=True).parameters.items() if key not in own
        }

        @wraps(command)
        def merged(**given: Any) -> None:
            chosen = {key: given.pop(key) for key in options}
            command(**given, **{name: bundle(**chosen)})

        parameters = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in (own | options).values()]
        merged.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        merged.__annotations__ = {one.name: one.annotation for one in parameters}
        return merged

    return bundled
