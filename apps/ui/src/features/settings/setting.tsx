import { RotateCcw } from "lucide-react";
import { createContext, type ReactNode, useContext, useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { FieldTies } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { cx } from "@/lib/cx";
import type { ItemId } from "./items";

/** The settings that are shown while something is searched for; none is all. */
export const ShownItems = createContext<ReadonlySet<ItemId> | null>(null);

interface SettingProps {
  item: ItemId;
  /** What is wrong with what stands there. */
  error?: string | null;
  /** Puts it back to what it was at first; only where it is something else now. */
  onReset?: (() => void) | null;
  /** `beside` for a switch or a choice, `beneath` for what needs the width. */
  layout?: "beside" | "beneath";
  children(ties: FieldTies): ReactNode;
}

/** What puts a value back to what it was at first; none where it is that. */
export function back<Value>(now: Value, first: Value, set: (first: Value) => void): (() => void) | null {
  return now === first ? null : () => set(first);
}

/** Of radio buttons the chosen one. */
const FOCUSABLE = "button, select, input:not([type=radio]), input:checked";

/** A setting: its name, what it does in a line, and the control. */
export function Setting({ item, error = null, onReset = null, layout = "beside", children }: SettingProps) {
  const { t } = useTranslation("settings");
  const shown = useContext(ShownItems);
  const id = useId();
  const control = useRef<HTMLDivElement>(null);
  if (shown && !shown.has(item)) return null;
  return (
    <div
      className={cx(
        "group/setting border-b border-hairline py-3 last:border-b-0",
        layout === "beside" && "flex items-center gap-x-6 gap-y-2 max-sm:flex-wrap",
      )}
    >
      <div className="min-w-0 flex-1 max-sm:basis-52">
        <div className="flex h-5 items-center gap-1">
          <label htmlFor={id} className="font-medium">
            {t(`item.${item}.title`)}
          </label>
          {onReset && (
            <IconButton
              label={t("reset")}
              onClick={() => {
                onReset();
                // The button goes away with what it undid; the keyboard stays at the setting.
                control.current?.querySelector<HTMLElement>(FOCUSABLE)?.focus();
              }}
              className="relative size-6 text-faint max-sm:z-1 max-sm:-my-3 max-sm:size-11 [&_svg]:size-3"
            >
              <RotateCcw />
            </IconButton>
          )}
        </div>
        <p id={`${id}-hint`} className="text-small text-muted">
          {t(`item.${item}.hint`)}
        </p>
        {error && (
          <p role="alert" className="text-small text-coral-text">
            {error}
          </p>
        )}
      </div>
      <div ref={control} className={layout === "beneath" ? "mt-3" : "shrink-0"}>
        {children({
          id,
          "aria-describedby": `${id}-hint`,
          ...(error ? { "aria-invalid": true as const } : {}),
        })}
      </div>
    </div>
  );
}
