"""Makes a result that fits a step's schema. Your own system knows the real values; this only shows their shape."""

import datetime
import re

CHINA = datetime.timezone(datetime.timedelta(hours=8))


def make(step, schema, shared, at):
    """The result of a step: what the form asks for where the names agree, else the plainest value that fits."""
    asked = shared.get("form", {}).get(step.replace("-", "_"), {})
    if step == "invoices":
        asked = {**asked, "medium": "paper" if asked.get("paper") else "digital"}
    return value({**schema, "default": {}}, asked, at)


def value(schema, asked, at):
    """A value that fits a JSON Schema, as far as results use it."""
    kind = schema.get("type")
    if kind == "object":
        properties = schema.get("properties", {})
        wanted = set(schema.get("required", ())) | (set(asked) & set(properties))
        return {name: value(properties[name], asked.get(name, {}), at) for name in properties if name in wanted}
    if asked not in ({}, None):
        return asked
    for plain in ("const", "default"):
        if plain in schema:
            return schema[plain]
    if "enum" in schema:
        return schema["enum"][0]
    if kind == "array":
        return [value(schema["items"], {}, at) for _ in range(int(schema.get("minItems", 0)))]
    if kind in ("integer", "number"):
        return int(schema.get("minimum", 0))
    if kind == "boolean":
        return True
    return text(schema, at)


def text(schema, at):
    """A text that fits."""
    if schema.get("format") == "date":
        return at.astimezone(CHINA).date().isoformat()
    # Numbers of licences and accounts: letters, then so many of a class of characters.
    number = re.fullmatch(r"\^(\w*)\[(\w).*\]\{(\d+)(?:,\d+)?\}\$", schema.get("pattern", ""))
    if number:
        return number[1] + number[2] * int(number[3])
    return "办结"[: int(schema.get("maxLength", 2))].ljust(int(schema.get("minLength", 1)), "。")


def documents(shared):
    """Digests of the documents that shared data names, wherever they stand."""
    if isinstance(shared, dict):
        shared = list(shared.values())
    if isinstance(shared, list):
        return [digest for part in shared for digest in documents(part)]
    return [shared] if isinstance(shared, str) and re.fullmatch("sha256:[0-9a-f]{64}", shared) else []
