import markupsafe
import six

print(six.__version__, markupsafe.__version__)
