import cffi
import markupsafe
import six
