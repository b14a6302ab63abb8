import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { cx } from "@/lib/cx";

const UNITS = [1_000, 1_000_000, 1_000_000_000] as const;
const NAMES: Record<(typeof UNITS)[number], string> = { 1000: "kB", 1000000: "MB", 1000000000: "GB" };
type Unit = (typeof UNITS)[number];

interface RateFieldProps {
  /** Bytes per second; none is no limit. */
  value: number | null;
  onChange(value: number | null): void;
  /** Read aloud where no label stands beside it. */
  label?: string;
  id?: string;
  disabled?: boolean;
  className?: string;
}

/**
 * A speed, as a figure and a unit. Empty, or nothing at all, is no limit, once the field is left: whoever clears it to type
 * another figure takes no limit away meanwhile. What is no figure counts for nothing.
 */
export function RateField({ value, onChange, label, id, disabled = false, className }: RateFieldProps) {
  const { t } = useTranslation(["common", "fields", "check"]);
  const [unit, setUnit] = useState<Unit>(() => unitFor(value));
  const [text, setText] = useState(() => textFor(value, unit));
  const [shown, setShown] = useState(value);
  const complaintId = useId();
  const typed = readRate(text, unit);
  const tell = (next: number | null) => {
    setShown(next);
    if (next !== value) onChange(next);
  };
  const show = (next: number | null) => {
    const fitting = next === null ? unit : unitFor(next);
    setUnit(fitting);
    setText(textFor(next, fitting));
  };
  // What came from elsewhere is taken over; what is being typed is not written over.
  if (shown !== value) {
    setShown(value);
    if (typed !== value) show(value);
  }
  const settle = () => {
    if (typed === "wrong") show(value);
    else if (typed === null) {
      setText("");
      tell(null);
    }
  };
  return (
    <span className={cx("flex flex-col gap-1", className)}>
      <span className="flex gap-1.5">
        <Input
          {...(id === undefined ? {} : { id })}
          {...(label === undefined ? {} : { "aria-label": label })}
          {...(typed === "wrong" ? { "aria-invalid": true, "aria-describedby": complaintId } : {})}
          inputMode="decimal"
          disabled={disabled}
          placeholder={t("common:unlimited")}
          value={text}
          onChange={(event) => {
            const next = event.target.value.replace(/[^\d.,]/g, "");
            setText(next);
            const rate = readRate(next, unit);
            if (typeof rate === "number") tell(rate);
          }}
          onBlur={settle}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            if (typed === "wrong") event.preventDefault();
            else settle();
          }}
          className="tabular w-28"
        />
        <Select
          label={t("fields:rate.unit")}
          value={unit}
          disabled={disabled}
          onChange={(next) => {
            setUnit(next);
            const rate = readRate(text, next);
            if (typeof rate === "number") tell(rate);
          }}
          choices={UNITS.map((factor) => ({
            value: factor,
            label: `${NAMES[factor]}${t("common:format.perSecond")}`,
          }))}
          className="w-24"
        />
      </span>
      {typed === "wrong" && (
        <span id={complaintId} role="alert" className="text-small text-coral-text">
          {t("check:rate")}
        </span>
      )}
    </span>
  );
}

/** Whole bytes per second; none for what is empty or zero, as long as it may become a figure still. */
export function readRate(text: string, unit: number): number | null | "wrong" {
  if (!/^\d*[.,]?\d*$/.test(text) || text === "." || text === ",") return "wrong";
  const figure = Number(text.replace(",", "."));
  return figure <= 0 ? null : Math.min(Number.MAX_SAFE_INTEGER, Math.max(1, Math.round(figure * unit)));
}

function unitFor(value: number | null): Unit {
  if (value === null) return 1_000_000;
  return UNITS.findLast((unit) => value >= unit) ?? 1_000;
}

function textFor(value: number | null, unit: Unit): string {
  return value === null ? "" : String(Number((value / unit).toFixed(3)));
}
