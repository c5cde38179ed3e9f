"""Write every dashboard beside this folder: `python -m dashboards.source`."""

from dashboards.source.boards import PLACE, texts

if __name__ == "__main__":
    for name, text in texts().items():
        (PLACE / name).write_text(text)
