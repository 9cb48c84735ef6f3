"""The look that all pictures share. Runs in the virtual environment."""

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

# Letters stay letters, and nothing in the file depends on the day: the same data, the same picture.
plt.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "anafora", "font.size": 9})


def write(path, draw, **labels):
    """Writes what `draw` does to the axes, with these labels."""
    figure, axes = plt.subplots(figsize=(6, 3.6))
    draw(axes)
    axes.set(**labels)
    axes.grid(True, which="major", color="#dddddd", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
