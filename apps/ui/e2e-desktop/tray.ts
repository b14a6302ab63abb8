import { execFileSync } from "node:child_process";
import { until } from "./app";

/** A line of a tray's menu, as its program tells whoever shows it. */
export interface Line {
  id: number;
  label: string;
  enabled: boolean;
  /** Marked as the one that holds. */
  marked: boolean;
  /** What stands behind it. */
  lines: Line[];
}

/**
 * Asks the host of trays for a program's item, and the item for its menu, as panels do (StatusNotifierItem,
 * com.canonical.dbusmenu). Argument: the process; and a line to be clicked on, or none to be told all of them.
 */
const ASK = `
import dbus, json, sys
process, line = int(sys.argv[1]), sys.argv[2:]
bus = dbus.SessionBus()
driver = dbus.Interface(bus.get_object("org.freedesktop.DBus", "/org/freedesktop/DBus"), "org.freedesktop.DBus")
def get(name, path, interface, key):
    return bus.get_object(name, path).Get(interface, key, dbus_interface="org.freedesktop.DBus.Properties")
def tell(item):
    number, properties, children = item
    return {
        "id": int(number),
        "label": str(properties.get("label", "")),
        "enabled": bool(properties.get("enabled", True)),
        "marked": properties.get("toggle-state", 0) == 1,
        "lines": [tell(child) for child in children],
    }
watcher = "org.kde.StatusNotifierWatcher"
for item in get(watcher, "/StatusNotifierWatcher", watcher, "RegisteredStatusNotifierItems"):
    name, slash, path = item.partition("/")
    if driver.GetConnectionUnixProcessID(name) != process:
        continue
    menu = dbus.Interface(
        bus.get_object(name, get(name, slash + path, "org.kde.StatusNotifierItem", "Menu")),
        "com.canonical.dbusmenu",
    )
    if line:
        menu.Event(int(line[0]), "clicked", dbus.Int32(0, variant_level=1), dbus.UInt32(0))
    else:
        print(json.dumps(tell(menu.GetLayout(0, -1, dbus.Array([], signature="s"))[1])["lines"]))
`;

/** The menu of a program's place in the tray, over the bus. */
export class TrayMenu {
  private constructor(private readonly process: number) {}

  /** Returns when the program's icon has its place, and its menu its words. */
  static async of(process: number): Promise<TrayMenu> {
    const menu = new TrayMenu(process);
    await until(async () => menu.lines().map(({ label }) => label)).not.toHaveLength(0);
    return menu;
  }

  /** All that stands in it, without the lines between. */
  lines(): Line[] {
    const said = ask(String(this.process));
    const all = said === "" ? [] : (JSON.parse(said) as Line[]);
    return all.filter(({ label }) => label !== "");
  }

  /** What stands in it, and behind this line. */
  behind(label: string): Line[] {
    return this.lines().find((line) => line.label === label)?.lines ?? [];
  }

  /** Clicks on the line of this name, wherever it stands. */
  choose(label: string): void {
    const line = this.lines()
      .flatMap((line) => [line, ...line.lines])
      .find((line) => line.label === label);
    if (!line?.enabled) throw new Error(`${label} cannot be chosen`);
    ask(String(this.process), String(line.id));
  }
}

function ask(...words: string[]): string {
  // The system's own, whose packages bring the module.
  return execFileSync("/usr/bin/python3", ["-c", ASK, ...words], { encoding: "utf8" }).trim();
}
