"""The compiler brings libgd by recommendation."""

import ctypes

print(ctypes.CDLL("libgd.so.3"))
