"""The server as it would be without chaos: `python -m tests.bench.unarmed serve …`.

What stands in every call's way for chaos is taken out of the source before it runs, so that the
benchmark compares with a server that has never heard of it. Raises where there is nothing to take
out: then the comparison would be of a thing with itself.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from types import ModuleType
from typing import Any

from simulator.cli import main
from simulator.server import app, protocol


class _Without(ast.NodeTransformer):
    """Drops the question after chaos, and the line in the extensions."""

    found = 0

    def visit_If(self, node: ast.If) -> Any:
        self.generic_visit(node)
        if "sandbox.chaos" not in ast.unparse(node.test):
            return node
        self.found += 1
        return node.orelse

    def visit_Dict(self, node: ast.Dict) -> Any:
        kept = [
            (key, value)
            for key, value in zip(node.keys, node.values, strict=True)
            if not (isinstance(key, ast.Name) and key.id == "LINE")
        ]
        self.found += len(node.keys) - len(kept)
        node.keys, node.values = [key for key, _ in kept], [value for _, value in kept]
        return node


def without_chaos(module: ModuleType, owner: type[Any], name: str) -> None:
    """Replace a method by itself without chaos. Raises RuntimeError where it has none."""
    method: Callable[..., Any] = vars(owner)[name]
    tree = ast.parse(textwrap.dedent(inspect.getsource(method)))
    strip = _Without()
    strip.visit(tree)
    if strip.found != 1:
        raise RuntimeError(
            f"{owner.__name__}.{name} asks after chaos {strip.found} times, not once"
        )
    function = tree.body[0]
    wrapper = ast.parse(f"class {owner.__name__}:\n    def made(self): __class__")
    holder = wrapper.body[0]
    if not isinstance(holder, ast.ClassDef):
        raise TypeError("a class is made of its source")
    holder.body.append(function)
    found: dict[str, Any] = {}
    exec(
        compile(ast.fix_missing_locations(wrapper), module.__file__ or "", "exec"),
        vars(module),
        found,
    )
    made = vars(found[owner.__name__])[name]
    if made.__closure__:  # `super()` has to find the class that it is put into
        made.__closure__[0].cell_contents = owner
    setattr(owner, name, made)


if __name__ == "__main__":
    without_chaos(app, app.App, "__call__")
    without_chaos(protocol, protocol.Protocol, "on_headers_complete")
    main()
