import pyodbc

print(pyodbc.version)
