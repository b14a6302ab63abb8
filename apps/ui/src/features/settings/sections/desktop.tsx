import type { Desktop, Notifications } from "@/generated";
import { DEFAULT_SETTINGS } from "@/generated/defaults";
import { useDesktop } from "@/transport/context";
import { type ItemId, itemsOn } from "../items";
import { SwitchSetting } from "../switch-setting";
import { useSaved } from "../use-saved";

const DEFAULT = DEFAULT_SETTINGS.desktop;

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
        <SwitchSetting
          key={item}
          item={item}
          on={notifications[name]}
          first={DEFAULT.notifications[name]}
          onChange={(on) => change("desktop", { notifications: { ...notifications, [name]: on } })}
        />
      ))}
      {HABITS.filter(([item]) => there.includes(item)).map(([item, name]) => (
        <SwitchSetting
          key={item}
          item={item}
          on={habits[name]}
          first={DEFAULT[name]}
          onChange={(on) => change("desktop", { [name]: on })}
        />
      ))}
    </>
  );
}
