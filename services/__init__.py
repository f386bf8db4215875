"""The pipeline's processes, one package each; they meet only through messages."""
