def main():
    import pylibmc

    print(pylibmc.__version__)
