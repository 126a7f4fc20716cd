"""A development host for Azure Functions written in Python.

The app runs on the vendor's own runtime (`azure-functions-runtime`, the package that the cloud runs
from Python 3.13 on). This package stands in for the .NET host around it, so that `make start`,
`make demo` and the tests need nothing but Python and Azurite. Not covered: the extension bundle,
the timer's blob lease, scaling, identity connections, bindings other than http, queue and timer.
"""
