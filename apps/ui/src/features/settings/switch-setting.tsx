import { Switch } from "@/components/ui/switch";
import type { ItemId } from "./items";
import { back, Setting } from "./setting";

interface SwitchSettingProps {
  item: ItemId;
  on: boolean;
  /** What it is in a new list. */
  first: boolean;
  onChange(on: boolean): void;
}

/** A setting that is on or off. */
export function SwitchSetting({ item, on, first, onChange }: SwitchSettingProps) {
  return (
    <Setting item={item} onReset={back(on, first, onChange)}>
      {({ id }) => <Switch id={id} checked={on} onChange={onChange} />}
    </Setting>
  );
}
