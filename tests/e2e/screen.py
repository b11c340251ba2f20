"""Saves a picture of the whole screen, with menus and dialogs: `screen.py FILE.png`. Prints how many colours there are below the menus."""

import sys

import gi

gi.require_version("Gdk", "3.0")
from gi.repository import Gdk  # noqa: E402

# Title and menus of a window in the corner of the screen end above this.
MENUS = 60

root = Gdk.get_default_root_window()
picture = Gdk.pixbuf_get_from_window(root, 0, 0, root.get_width(), root.get_height())
picture.savev(sys.argv[1], "png", [], [])
rows, stride, step = picture.get_pixels(), picture.get_rowstride(), picture.get_n_channels()
colours = set()
for row in range(MENUS, picture.get_height()):
    line = rows[row * stride : row * stride + picture.get_width() * step]
    colours.update(line[at : at + step] for at in range(0, len(line), step))
print(len(colours))
