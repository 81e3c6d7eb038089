"""What the method of a route looks like in the client."""

import re

from rookery.web.table import Nothing, Route


def method_text(route: Route) -> str:
    """The whole method."""
    kind = next(iter(route.answers.values()))
    shown = "None" if kind is None else "str" if isinstance(kind, str) else "Any" if kind is dict else kind.__name__
    decoded = {"Any": "dict", "None": "NoneType"}.get(shown, shown)
    names = re.findall(r"\{(\w+)\}", route.path)
    takes = [f"{name}: str" for name in names]
    sent = [f'"{route.method}"', f'"{route.path}"', decoded]
    if names:
        path = re.sub(r"\{(\w+)\}", r"{part(\1)}", route.path)
        sent[1] = f'f"{path}"'
    if route.body is not None:
        takes.append(f"body: {route.body.__name__}")
        sent.append("body=body")
    if route.query is not Nothing:
        takes.append(f"query: {route.query.__name__} | None = None")
        sent.append("query=query")
    if route.needs_key:
        takes += ["*", 'key: str = ""']
        sent.append("key=key or new_key()")
    return (
        f"    def {route.name}({', '.join(['self', *takes])}) -> {shown}:\n"
        f'        """{route.title}."""\n'
        f"        return self._send(Sent({', '.join(sent)}))\n"
    ).replace('?."""', '?"""')
