"""A desktop's server of notifications, and a dock: prints what it is told."""

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

SERVER = """<node><interface name='org.freedesktop.Notifications'>
<method name='Notify'><arg type='s' direction='in'/><arg type='u' direction='in'/><arg type='s' direction='in'/>
<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='as' direction='in'/><arg type='a{sv}' direction='in'/>
<arg type='i' direction='in'/><arg type='u' direction='out'/></method></interface></node>"""


def called(_bus, _sender, _path, _interface, _method, arguments, invocation):
    _name, _id, _icon, title, text, *_rest = arguments.unpack()
    print(f"notify {title}|{text}", flush=True)
    invocation.return_value(GLib.Variant("(u)", (1,)))


def moved(_bus, _sender, _path, _interface, _signal, arguments):
    _entry, facts = arguments.unpack()
    print(f"progress {facts['progress'] if facts['progress-visible'] else 'hidden'}", flush=True)


bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
interface = Gio.DBusNodeInfo.new_for_xml(SERVER).interfaces[0]
bus.register_object("/org/freedesktop/Notifications", interface, called, None, None)
bus.signal_subscribe(None, "com.canonical.Unity.LauncherEntry", "Update", None, None, 0, moved)
Gio.bus_own_name_on_connection(bus, "org.freedesktop.Notifications", 0, lambda *_: print("ready", flush=True), None)
GLib.MainLoop().run()
