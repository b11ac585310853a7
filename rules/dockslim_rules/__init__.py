"""The rules that ship with dockslim."""
