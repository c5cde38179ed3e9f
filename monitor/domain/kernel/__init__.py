"""What the kernel says: Xid events, lost GPUs, the OOM killer."""
