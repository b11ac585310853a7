import mimetypes
import subprocess
import tkinter

print(subprocess.check_output(["git", "--version"], text=True), mimetypes.guess_type("a.odt"), tkinter.TkVersion)
