import { ContextMenu as BaseContext } from "@base-ui/react/context-menu";
import { Menu as Base } from "@base-ui/react/menu";
import { Check, ChevronRight } from "lucide-react";
import { cloneElement, type ReactElement, type ReactNode, useState } from "react";
import { cx } from "@/lib/cx";
import { useIsPastFirstPicture } from "@/lib/first-picture";
import { Kbd } from "./kbd";

const POPUP =
  "pop empty:hidden max-h-(--available-height) min-w-48 overflow-y-auto rounded-large border border-hairline bg-raised p-1 text-text shadow-float outline-none";
const ITEM =
  "flex h-7 cursor-default items-center gap-2.5 rounded-small pr-2 pl-2.5 select-none outline-none max-sm:h-11 data-highlighted:bg-hover data-disabled:opacity-45 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-muted";

interface MenuProps {
  /** The button that opens it. */
  trigger: ReactElement<Record<string, unknown>>;
  align?: "start" | "center" | "end";
  children: ReactNode;
}

/** A menu beneath a button. */
export function Menu(properties: MenuProps) {
  const isPastFirstPicture = useIsPastFirstPicture();
  const [asked, setAsked] = useState(false);
  if (isPastFirstPicture || asked) return <WholeMenu {...properties} opened={asked} />;
  return cloneElement(properties.trigger, { "aria-haspopup": "menu", onClick: () => setAsked(true) });
}

function WholeMenu({ trigger, align = "start", children, opened }: MenuProps & { opened: boolean }) {
  return (
    <Base.Root defaultOpen={opened}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} sideOffset={4} className="z-50 outline-none">
          <Base.Popup className={POPUP}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

interface ContextMenuProps {
  /** Where a right click, a long press or the menu key opens it. */
  children: ReactElement<Record<string, unknown>>;
  /** The items; they are made when it opens. */
  items: ReactNode;
}

/** A menu where the pointer is. */
export function ContextMenu({ children, items }: ContextMenuProps) {
  return (
    <BaseContext.Root>
      <BaseContext.Trigger render={children} />
      <BaseContext.Portal>
        <BaseContext.Positioner className="z-50 outline-none">
          <BaseContext.Popup className={POPUP}>{items}</BaseContext.Popup>
        </BaseContext.Positioner>
      </BaseContext.Portal>
    </BaseContext.Root>
  );
}

interface MenuItemProps {
  icon?: ReactNode;
  /** The key that does the same without the menu. */
  keys?: string;
  look?: "plain" | "danger";
  disabled?: boolean;
  onSelect(): void;
  children: ReactNode;
}

/** Something to do, in either menu. */
export function MenuItem({
  icon,
  keys,
  look = "plain",
  disabled = false,
  onSelect,
  children,
}: MenuItemProps) {
  return (
    <Base.Item
      disabled={disabled}
      onClick={onSelect}
      className={cx(ITEM, look === "danger" && "text-coral-text [&_svg]:text-coral-text")}
    >
      {icon}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {keys !== undefined && <Kbd keys={keys} className="ml-4" />}
    </Base.Item>
  );
}

interface MenuCheckItemProps {
  checked: boolean;
  onChange(checked: boolean): void;
  children: ReactNode;
}

/** Something that is on or off; the menu stays open. */
export function MenuCheckItem({ checked, onChange, children }: MenuCheckItemProps) {
  return (
    <Base.CheckboxItem checked={checked} onCheckedChange={onChange} className={ITEM}>
      <span className="flex size-4 items-center justify-center">
        <Base.CheckboxItemIndicator>
          <Check />
        </Base.CheckboxItemIndicator>
      </span>
      <span className="min-w-0 flex-1 truncate">{children}</span>
    </Base.CheckboxItem>
  );
}

interface MenuChoiceProps<Value extends string | number> {
  value: Value;
  onChange(value: Value): void;
  choices: readonly { value: Value; label: ReactNode }[];
}

/** One of several; with the choice the menu has done its work. */
export function MenuChoice<Value extends string | number>({
  value,
  onChange,
  choices,
}: MenuChoiceProps<Value>) {
  return (
    <Base.RadioGroup value={value} onValueChange={onChange}>
      {choices.map((choice) => (
        <Base.RadioItem key={choice.value} value={choice.value} closeOnClick className={ITEM}>
          <span className="flex size-4 items-center justify-center">
            <Base.RadioItemIndicator>
              <Check />
            </Base.RadioItemIndicator>
          </span>
          <span className="min-w-0 flex-1 truncate">{choice.label}</span>
        </Base.RadioItem>
      ))}
    </Base.RadioGroup>
  );
}

interface SubMenuProps {
  icon?: ReactNode;
  label: ReactNode;
  disabled?: boolean;
  children: ReactNode;
}

/** A menu in a menu; one level is enough. */
export function SubMenu({ icon, label, disabled = false, children }: SubMenuProps) {
  return (
    <Base.SubmenuRoot disabled={disabled}>
      <Base.SubmenuTrigger className={cx(ITEM, "data-popup-open:bg-hover")}>
        {icon}
        <span className="min-w-0 flex-1 truncate">{label}</span>
        <ChevronRight />
      </Base.SubmenuTrigger>
      <Base.Portal>
        <Base.Positioner sideOffset={2} alignOffset={-5} className="z-50 outline-none">
          <Base.Popup className={POPUP}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.SubmenuRoot>
  );
}

/** A line between what belongs together. */
export function MenuLine() {
  return <Base.Separator className="mx-1 my-1 h-px bg-hairline" />;
}

/** What the items beneath it are. */
export function MenuHeading({ children }: { children: ReactNode }) {
  return <div className="px-2.5 pt-1.5 pb-1 text-small text-faint select-none">{children}</div>;
}
