"""A GPU machine itself: boot, load, memory, disks, who asks its driver."""
