"""What a service has to use a GPU with: the gate's part `cuda`."""
