"""What FaceFusion leaves behind on disk: its log and its jobs folder."""
