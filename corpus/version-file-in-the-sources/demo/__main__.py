from demo import version

print(version)
