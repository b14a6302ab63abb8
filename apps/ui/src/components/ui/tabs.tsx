import { type KeyboardEvent, type ReactNode, useId, useRef } from "react";
import { cx } from "@/lib/cx";

interface TabsProps<Value extends string> {
  value: Value;
  onChange(value: Value): void;
  tabs: readonly { value: Value; label: ReactNode; content: ReactNode }[];
  /** What the tabs choose between; read aloud. */
  label: string;
  className?: string;
}

/** Pages of a panel, one shown. The arrows walk between them; Tab leads into the one that is shown. */
export function Tabs<Value extends string>({ value, onChange, tabs, label, className }: TabsProps<Value>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const at = tabs.findIndex((tab) => tab.value === value);
  const shown = tabs[at];

  const press = (event: KeyboardEvent) => {
    const last = tabs.length - 1;
    const places: Record<string, number> = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    };
    const to = places[event.key];
    const tab = to === undefined ? undefined : tabs[to];
    if (to === undefined || !tab) return;
    event.preventDefault();
    onChange(tab.value);
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[to]?.focus();
  };

  return (
    <div className={cx("flex min-h-0 flex-col", className)}>
      <div
        ref={list}
        role="tablist"
        aria-label={label}
        onKeyDown={press}
        className="flex shrink-0 gap-4 border-b border-hairline px-4"
      >
        {tabs.map((tab) => (
          <button
            key={tab.value}
            type="button"
            role="tab"
            id={`${id}-${tab.value}`}
            aria-selected={tab.value === value}
            aria-controls={`${id}-panel`}
            tabIndex={tab.value === value ? 0 : -1}
            onClick={() => onChange(tab.value)}
            className={cx(
              "-mb-px h-9 border-b-2 transition-colors duration-120 max-sm:h-11 max-sm:min-w-11",
              tab.value === value
                ? "border-accent font-medium text-text"
                : "border-transparent text-muted hover:text-text",
            )}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div
        key={value}
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${value}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        tabIndex={0}
        className="min-h-0 flex-1 overflow-y-auto focus-visible:-outline-offset-2"
      >
        {shown?.content}
      </div>
    </div>
  );
}
