"""What the scenarios of the Python clients share: each is a function, and its result is one line of JSON."""

import asyncio
import inspect
import json
import os
import traceback

# The sandbox over TLS, and as it is.
HTTPS = os.environ['SANDBOX_HTTPS']
HTTP = os.environ['SANDBOX_HTTP']

ADMIN = ('admin', 'admin-password')
# Of the account `admin` on every instance.
ADMIN_ID = '6816f79cc0a8016401c5a33be04be441'
OAUTH_CLIENT = ('github-actions', 'sandbox-client-secret')

_scenarios = []


def scenario(name):
    """Adds a function, also an asynchronous one, to the scenarios of this file."""

    def add(function):
        _scenarios.append((name, function))
        return function

    return add


def equal(actual, expected):
    assert actual == expected, f'{actual!r} is not {expected!r}'


def refused(error, function):
    """Calls the function, which has to raise the error (a class or several), and returns the error."""
    try:
        function()
    except error as raised:
        return raised
    raise AssertionError('nothing was refused')


def _failure(function):
    try:
        result = function()
        if inspect.iscoroutine(result):
            asyncio.run(result)
    except Exception:  # what a client raises is the result of the scenario
        return traceback.format_exc(limit=-3)
    return None


def run():
    """Runs the scenarios one after the other. The last line says how many there are."""
    for name, function in _scenarios:
        print(json.dumps({'scenario': name, 'error': _failure(function)}), flush=True)
    print(json.dumps({'scenarios': len(_scenarios)}), flush=True)
