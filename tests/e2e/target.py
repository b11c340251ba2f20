"""A small window that takes files which are dropped on it, and prints their addresses."""

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402


def received(_widget, _context, _x, _y, data, _info, _time):
    for address in data.get_uris():
        print(address, flush=True)


window = Gtk.Window(title="Drop here")
window.set_decorated(False)
window.set_default_size(70, 120)
window.set_keep_above(True)
window.drag_dest_set(Gtk.DestDefaults.ALL, [], Gdk.DragAction.COPY)
window.drag_dest_add_uri_targets()
window.connect("drag-data-received", received)
window.connect("map-event", lambda *_: print("ready", flush=True))
window.show_all()
window.move(1286, 4)
Gtk.main()
