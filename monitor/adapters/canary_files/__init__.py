"""Ways for canary images to a server and back; SFTP is in adapters/ssh."""
