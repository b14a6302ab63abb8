import { Switch } from "@/components/ui/switch";
import type { Desktop, Notifications } from "@/generated";
import { useDesktop } from "@/transport/context";
import { type ItemId, itemsOn } from "../items";
import { Setting } from "../setting";
import { useSaved } from "../use-saved";

const NEWS: readonly [ItemId, keyof Notifications][] = [
  ["notifyFinished", "finished"],
  ["notifyFailed", "failed"],
  ["notifyAllDone", "all_done"],
];

const HABITS: readonly [ItemId, Exclude<keyof Desktop, "notifications">][] = [
  ["keepAwake", "keep_awake"],
  ["pauseOnBattery", "pause_on_battery"],
  ["pauseOnMetered", "pause_on_metered"],
  ["startAtLogin", "start_at_login"],
  ["watchClipboard", "watch_clipboard"],
];

/** What the window does on the person's own screen; not shown in a browser. */
export function DesktopSection() {
  const { settings, change } = useSaved();
  const { notifications, ...habits } = settings.desktop;
  const there = itemsOn("desktop", useDesktop());
  return (
    <>
      {NEWS.map(([item, name]) => (
        <Setting key={item} item={item}>
          {({ id }) => (
            <Switch
              id={id}
              checked={notifications[name]}
              onChange={(on) => change("desktop", { notifications: { ...notifications, [name]: on } })}
            />
          )}
        </Setting>
      ))}
      {HABITS.filter(([item]) => there.includes(item)).map(([item, name]) => (
        <Setting key={item} item={item}>
          {({ id }) => (
            <Switch id={id} checked={habits[name]} onChange={(on) => change("desktop", { [name]: on })} />
          )}
        </Setting>
      ))}
    </>
  );
}
