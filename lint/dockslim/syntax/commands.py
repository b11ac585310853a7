from .shell import script_of  # noqa
