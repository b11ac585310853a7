from demo._version import version
