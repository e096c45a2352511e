# SPDX-License-Identifier: ISC
"""What `reachd probe --json` prints, held against doc/reachd-probe.schema.json. Stricter than the schema is for
others: a member that it does not know is an error, so that none is printed without being documented."""
import functools
import json
import os

from .tools import TOP

try:
    import jsonschema
except ImportError:
    jsonschema = None

PATH = os.path.join(TOP, "doc", "reachd-probe.schema.json")


def missing():
    """None when it can be checked, else a sentence: for skips."""
    return None if jsonschema else "there is no jsonschema for this Python (Debian: python3-jsonschema)"


# What stands below these is about members that the schema around them names: it forbids no others.
CONDITIONS = ("if", "then", "else")


def _strict(schema):
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key not in CONDITIONS:
                _strict(value)
        if "properties" in schema:
            schema["additionalProperties"] = False
    elif isinstance(schema, list):
        for value in schema:
            _strict(value)
    return schema


def load():
    with open(PATH, encoding="utf-8") as file:
        return json.load(file)


@functools.lru_cache(maxsize=None)
def validator():
    schema = load()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(_strict(schema))


def probed(text):
    """The object of one host; fails when it is not as documented. Without jsonschema it is not checked."""
    told = json.loads(text)
    if jsonschema:
        wrong = jsonschema.exceptions.best_match(validator().iter_errors(told))
        assert wrong is None, "not as doc/reachd-probe.schema.json says: %s: %s" % (wrong.json_path, wrong.message)
    return told
