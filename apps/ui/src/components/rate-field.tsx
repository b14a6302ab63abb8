import { useState } from "react";
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

/** A speed, as a figure and a unit. Empty is no limit. */
export function RateField({ value, onChange, label, id, disabled = false, className }: RateFieldProps) {
  const { t } = useTranslation(["common", "fields"]);
  const [unit, setUnit] = useState<Unit>(() => unitFor(value));
  const [text, setText] = useState(() => textFor(value, unit));
  const [shown, setShown] = useState(value);
  // What came from elsewhere is taken over; what is being typed is not written over.
  if (shown !== value) {
    setShown(value);
    if (readRate(text, unit) !== value) {
      const fitting = unitFor(value);
      setUnit(fitting);
      setText(textFor(value, fitting));
    }
  }
  const report = (nextText: string, nextUnit: Unit) => {
    const next = readRate(nextText, nextUnit);
    setShown(next);
    onChange(next);
  };
  return (
    <span className={cx("flex gap-1.5", className)}>
      <Input
        {...(id === undefined ? {} : { id })}
        {...(label === undefined ? {} : { "aria-label": label })}
        inputMode="decimal"
        disabled={disabled}
        placeholder={t("common:unlimited")}
        value={text}
        onChange={(event) => {
          const next = event.target.value.replace(/[^\d.,]/g, "");
          setText(next);
          report(next, unit);
        }}
        className="tabular w-28"
      />
      <Select
        label={t("fields:rate.unit")}
        value={unit}
        disabled={disabled}
        onChange={(next) => {
          setUnit(next);
          report(text, next);
        }}
        choices={UNITS.map((factor) => ({
          value: factor,
          label: `${NAMES[factor]}${t("common:format.perSecond")}`,
        }))}
        className="w-24"
      />
    </span>
  );
}

/** Whole bytes per second; none for what is empty, zero or no number. */
export function readRate(text: string, unit: number): number | null {
  const figure = Number(text.replace(",", "."));
  return text === "" || !Number.isFinite(figure) || figure <= 0
    ? null
    : Math.max(1, Math.round(figure * unit));
}

function unitFor(value: number | null): Unit {
  if (value === null) return 1_000_000;
  return UNITS.findLast((unit) => value >= unit) ?? 1_000;
}

function textFor(value: number | null, unit: Unit): string {
  return value === null ? "" : String(Number((value / unit).toFixed(3)));
}
