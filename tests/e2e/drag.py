"""A small window to drag files out of: `drag.py FILE…`. Says "ready" when it can be dragged from, "end" after a drag."""

import sys
from pathlib import Path

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402

uris = [Path(name).absolute().as_uri() for name in sys.argv[1:]]


def say(word):
    print(word, flush=True)


window = Gtk.Window(decorated=False)
window.set_default_size(60, 60)
window.move(1290, 10)
box = Gtk.EventBox()
box.add(Gtk.Label(label="files"))
window.add(box)
box.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
box.drag_source_add_uri_targets()
box.connect("drag-data-get", lambda _widget, _context, data, _info, _time: data.set_uris(uris))
box.connect("drag-end", lambda *_: say("end"))
window.connect("map-event", lambda *_: say("ready"))
window.connect("destroy", Gtk.main_quit)
window.show_all()
Gtk.main()
