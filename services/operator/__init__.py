"""The operator's side: the `twin` command, the process list that runs the stack, and the servers it can embed."""
