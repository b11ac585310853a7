import netifaces


def main():
    print(netifaces.version)
