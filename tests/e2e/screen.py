"""Saves what the screen shows, with menus and dialogs: `screen.py FILE.png [--window ID [--page HEIGHT]]`.

With `--window` only the place of that window, with `--page` only so many rows at its lower edge: its page without the menus. Waits until
nothing changes any more, a few seconds at most. Prints as JSON how many colours there are below the menus (`colours`), and the
commonest (`ground`)."""

import argparse
import json
import sys
import time
from collections import Counter

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("GdkX11", "3.0")
from gi.repository import Gdk, GdkX11  # noqa: E402

# Title and menus of a window in the corner of the screen end above this.
MENUS = 60
# What stays the same over so many pictures, so far apart, is drawn to the end.
SAME, APART = 3, 0.08
# Something may always move: a bar of work, a caret.
PATIENCE = 3.0

parser = argparse.ArgumentParser()
parser.add_argument("file")
parser.add_argument("--window", type=int)
parser.add_argument("--page", type=int)
asked = parser.parse_args()

root = Gdk.get_default_root_window()


def place():
    """The rectangle to save, as far as it lies on the screen."""
    whole = (0, 0, root.get_width(), root.get_height())
    if asked.window is None:
        return whole
    window = GdkX11.X11Window.foreign_new_for_display(Gdk.Display.get_default(), asked.window)
    if window is None:
        sys.exit(f"there is no window {asked.window}")
    _, left, top = window.get_origin()
    right, bottom = left + window.get_width(), top + window.get_height()
    if asked.page is not None:
        top = max(top, bottom - asked.page)
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, whole[2]), min(bottom, whole[3])
    if left >= right or top >= bottom:
        sys.exit(f"window {asked.window} is not on the screen")
    return left, top, right - left, bottom - top


def still(where):
    """A picture of what has come to rest, or of the last state where nothing does."""
    end = time.monotonic() + PATIENCE
    picture, bytes_before, same = None, None, 0
    while same < SAME and (picture is None or time.monotonic() < end):
        if picture is not None:
            time.sleep(APART)
        picture = Gdk.pixbuf_get_from_window(root, *where)
        now = picture.get_pixels()
        same = same + 1 if now == bytes_before else 1
        bytes_before = now
    return picture


picture = still(place())
picture.savev(asked.file, "png", [], [])
rows, stride, step = picture.get_pixels(), picture.get_rowstride(), picture.get_n_channels()
colours = Counter()
for row in range(0 if asked.page else min(MENUS, picture.get_height()), picture.get_height()):
    line = rows[row * stride : row * stride + picture.get_width() * step]
    colours.update(line[at : at + step] for at in range(0, len(line), step))
commonest = colours.most_common(1)
print(json.dumps({"colours": len(colours), "ground": list(commonest[0][0][:3]) if commonest else None}))
