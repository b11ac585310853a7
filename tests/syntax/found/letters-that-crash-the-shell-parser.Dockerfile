RUN apt-get update && apt-get instal["a"]ds gcc libc6-dev && rû{󊤀m -rf /var/lib/apt/lists/*
