import { Tabs as Base } from "@base-ui/react/tabs";
import type { ReactNode } from "react";
import { cx } from "@/lib/cx";

interface TabsProps<Value extends string> {
  value: Value;
  onChange(value: Value): void;
  tabs: readonly { value: Value; label: ReactNode; content: ReactNode }[];
  /** What the tabs choose between; read aloud. */
  label: string;
  className?: string;
}

/** Pages of a panel, one shown. */
export function Tabs<Value extends string>({ value, onChange, tabs, label, className }: TabsProps<Value>) {
  return (
    <Base.Root
      value={value}
      onValueChange={(next) => onChange(next as Value)}
      className={cx("flex min-h-0 flex-col", className)}
    >
      <Base.List aria-label={label} className="relative flex shrink-0 gap-4 border-b border-hairline px-4">
        {tabs.map((tab) => (
          <Base.Tab
            key={tab.value}
            value={tab.value}
            className="h-9 text-muted transition-colors duration-120 hover:text-text max-sm:h-11 data-active:font-medium data-active:text-text"
          >
            {tab.label}
          </Base.Tab>
        ))}
        <Base.Indicator className="absolute bottom-[-1px] left-(--active-tab-left) h-0.5 w-(--active-tab-width) bg-accent transition-[left,width] duration-150 ease-out" />
      </Base.List>
      {tabs.map((tab) => (
        <Base.Panel key={tab.value} value={tab.value} className="min-h-0 flex-1 overflow-y-auto">
          {tab.content}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}
