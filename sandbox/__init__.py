"""The sandbox: simulators of everything that Segunda Via speaks to, in one process, for trying it out and for tests.

Nothing imports it. It may use the library's pure modules. Every document, name and code in it is made up.
"""
