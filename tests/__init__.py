import os

# `make torture` asks what `make test` asks in turns or takes for the same.
THOROUGH = bool(os.environ.get("TORTURE"))
