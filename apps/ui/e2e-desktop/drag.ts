import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { until } from "./app";
import { xdotool } from "./screen";

/** What another program has to give. */
export type Dragged = { files: string[] } | { links: string[] } | { text: string };

/** A window with one thing in it that can be dragged, as a file manager or a browser has it. Arguments: its title, what is in it. */
const SOURCE = `
import gi, json, sys
gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gio, Gtk
title, dragged = sys.argv[1], json.loads(sys.argv[2])
window = Gtk.Window(title=title)
window.set_default_size(120, 80)
window.move(1400, 850)
box = Gtk.EventBox()
box.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
if "text" in dragged:
    box.drag_source_add_text_targets()
else:
    box.drag_source_add_uri_targets()
def give(box, context, data, info, time):
    if "text" in dragged:
        data.set_text(dragged["text"], -1)
    else:
        files = [Gio.File.new_for_path(path).get_uri() for path in dragged.get("files", [])]
        data.set_uris(files + dragged.get("links", []))
box.connect("drag-data-get", give)
box.connect("drag-end", lambda box, context: Gtk.main_quit())
window.add(box)
window.show_all()
Gtk.main()
`;

const TITLE = "another program";
const STEPS = 12;
/** As fast as a hand is: each step is an event of its own. */
const STEP_MS = 25;

/** Drags something out of another program into the middle of the window, with the mouse, and lets go of it there. */
export async function drag(dragged: Dragged): Promise<void> {
  const source: ChildProcess = spawn("/usr/bin/python3", ["-c", SOURCE, TITLE, JSON.stringify(dragged)], {
    stdio: "inherit",
  });
  try {
    await until(async () => windowOf(TITLE)).not.toBe("");
    const from = middleOf(windowOf(TITLE));
    const to = middleOf(windowOf("Gannet"));
    moveTo(from);
    xdotool("mousedown", "1");
    for (let step = 1; step <= STEPS; step += 1) {
      const share = step / STEPS;
      moveTo({ x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share });
      await wait(STEP_MS);
    }
    // A program that is dragged over says so; only then it is let go.
    await wait(STEP_MS * 30);
    const ended = once(source, "exit");
    xdotool("mouseup", "1");
    // Who dragged hears that it was taken, or refused.
    await ended;
  } finally {
    source.kill();
  }
}

interface Place {
  x: number;
  y: number;
}

function windowOf(title: string): string {
  return xdotool("search", "--onlyvisible", "--name", `^${title}$`).split("\n").at(-1) ?? "";
}

function middleOf(window: string): Place {
  const said = xdotool("getwindowgeometry", "--shell", window);
  const number = (name: string) => Number(new RegExp(`^${name}=(-?\\d+)$`, "m").exec(said)?.[1]);
  return { x: number("X") + number("WIDTH") / 2, y: number("Y") + number("HEIGHT") / 2 };
}

function moveTo({ x, y }: Place): void {
  xdotool("mousemove", String(Math.round(x)), String(Math.round(y)));
}
