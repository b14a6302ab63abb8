/** The words that numbers are put between; they come from the translations. */
export interface FormatWords {
  about(time: string): string;
  perSecond: string;
  justNow: string;
}

/** Everything that turns a number into what a person reads. */
export interface Format {
  /** A whole number. */
  number(value: number): string;
  /** `0.123` as "12 %". Rounded down, so that 100 % is only said of what is whole. */
  percent(share: number): string;
  /** Decimal units, as disks and networks are sold. */
  bytes(bytes: number): string;
  /** From where to where, in one unit, and so fine that the two are told apart: "1.52 – 1.56 GB". */
  stretch(start: number, end: number): string;
  /** `unit` keeps a ticking figure from flipping between units; take it from [`steadyUnit`]. */
  speed(bytesPerSecond: number, unit?: Unit): string;
  /** A round speed beside a scale: "75 MB/s", not "75.0". */
  scale(bytesPerSecond: number): string;
  /** Rounded to what can be known: "about 3 min". */
  timeLeft(milliseconds: number): string;
  /** How long something took: "5.1 s", "3 min 20 s". */
  duration(milliseconds: number): string;
  /** Whole seconds, for what counts down: "42 s". */
  seconds(milliseconds: number): string;
  /** "just now", "12 min ago", "yesterday", then the date. */
  ago(atMs: number, nowMs: number): string;
  /** Date and time in full. */
  moment(atMs: number): string;
  /** The time of day of a minute after midnight. */
  clock(minute: number): string;
  /** Names, joined as the language joins them. */
  list(names: readonly string[]): string;
  /** What stands between things that are told one after another: `, ` or `、`. */
  separator: string;
}

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** A decimal unit. */
export type Unit = (typeof UNITS)[number];

/** How far a figure must fall beneath a unit before a ticking display follows it down. */
const UNIT_SLACK = 0.1;

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Between a number and its unit, so that no line breaks there. */
const NARROW = "\u00a0";

/** The unit that a figure is best read in. */
export function unitOf(bytes: number): Unit {
  let index = 0;
  let value = bytes;
  // What would be rounded up to 1000 belongs to the next unit already.
  while (index < UNITS.length - 1 && Number(value.toFixed(digitsOf(value, index))) >= 1000) {
    value /= 1000;
    index += 1;
  }
  return UNITS[index] ?? "PB";
}

/** The unit for a figure that ticks: once it is large enough for one, it stays until the figure is clearly beneath it. */
export function steadyUnit(bytes: number, last: Unit | null): Unit {
  const now = unitOf(bytes);
  if (last === null || bytes <= 0) return last ?? now;
  const value = bytes / 1000 ** UNITS.indexOf(last);
  return value >= 1 - UNIT_SLACK && value < 999.5 ? last : now;
}

/** Whole percents that are there, rounded down; 29 of 100 are 29, which no fraction of two says exactly. */
export function wholePercents(share: number): number {
  return Math.floor(Math.min(Math.max(share, 0), 1) * 100 + 1e-9);
}

/** Milliseconds as they are known: fine near the end, coarse far from it. */
export function roundTimeLeft(milliseconds: number): number {
  const step = timeLeftStep(milliseconds);
  return Math.max(SECOND_MS, Math.round(milliseconds / step) * step);
}

/**
 * A time left that does not jitter: what is shown stays while the estimate is within three quarters of a step of it. The
 * step is that of the shorter one: "about 1 min" becomes "55 s" as soon as seconds can be told.
 */
export function steadyTimeLeft(shown: number | null, estimate: number): number {
  const rounded = roundTimeLeft(estimate);
  if (shown === null) return rounded;
  return Math.abs(estimate - shown) < timeLeftStep(Math.min(shown, estimate)) * 0.75 ? shown : rounded;
}

function timeLeftStep(milliseconds: number): number {
  if (milliseconds < 10 * SECOND_MS) return SECOND_MS;
  if (milliseconds < MINUTE_MS) return 5 * SECOND_MS;
  if (milliseconds < 10 * MINUTE_MS) return MINUTE_MS;
  if (milliseconds < HOUR_MS) return 5 * MINUTE_MS;
  if (milliseconds < 10 * HOUR_MS) return 30 * MINUTE_MS;
  if (milliseconds < 2 * DAY_MS) return HOUR_MS;
  return DAY_MS;
}

function digitsOf(value: number, unitIndex: number): number {
  if (unitIndex === 0) return 0;
  return value < 99.95 ? 1 : 0;
}

/** The formats of a language. Keep it: it keeps what it is made of, each part from when it is first needed, as making one is slow. */
export function createFormat(locale: string, words: FormatWords): Format {
  const whole = lazily(() => new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }));
  const tenths = lazily(
    () => new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
  );
  const upToTenths = lazily(() => new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }));
  const percent = lazily(() => new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 }));
  const relative = lazily(() => new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" }));
  const thisYear = lazily(() => new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" }));
  const otherYear = lazily(
    () => new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" }),
  );
  const moment = lazily(() => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" }));
  const clock = lazily(
    () => new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", timeZone: "UTC" }),
  );
  const list = lazily(() => new Intl.ListFormat(locale, { type: "conjunction" }));
  const separator = lazily(() => {
    const series = new Intl.ListFormat(locale, { type: "conjunction", style: "narrow" });
    return series.formatToParts(["1", "2"])[1]?.value ?? ", ";
  });
  const inUnit = (unit: string, digits = 0) =>
    lazily(
      () =>
        new Intl.NumberFormat(locale, {
          style: "unit",
          unit,
          unitDisplay: "short",
          minimumFractionDigits: digits,
          maximumFractionDigits: digits,
        }),
    );
  const seconds = inUnit("second");
  const secondTenths = inUnit("second", 1);
  const minutes = inUnit("minute");
  const hours = inUnit("hour");
  const days = inUnit("day");

  const amount = (bytes: number, unit: Unit, suffix: string): string => {
    const index = UNITS.indexOf(unit);
    const value = Math.max(0, bytes) / 1000 ** index;
    const figures = (digitsOf(value, index) === 1 ? tenths : whole)();
    return `${figures.format(value)}${NARROW}${unit}${suffix}`;
  };

  const fine = [0, 1, 2, 3].map((digits) =>
    lazily(
      () => new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
    ),
  );
  const stretch = (start: number, end: number): string => {
    const unit = unitOf(end);
    const size = 1000 ** UNITS.indexOf(unit);
    const wanted = unit === "B" ? 0 : Math.ceil(Math.log10(size / Math.max(1, end - start)));
    const figures = fine[Math.min(Math.max(wanted, 0), fine.length - 1)] ?? whole;
    const told = [start, end].map((bytes) => figures().format(bytes / size));
    return `${told.join(" – ")}${NARROW}${unit}`;
  };

  /** The two largest parts. */
  const span = (milliseconds: number): string => {
    const parts: [number, () => Intl.NumberFormat][] = [
      [Math.floor(milliseconds / DAY_MS), days],
      [Math.floor(milliseconds / HOUR_MS) % 24, hours],
      [Math.floor(milliseconds / MINUTE_MS) % 60, minutes],
      [Math.round(milliseconds / SECOND_MS) % 60, seconds],
    ];
    const first = parts.findIndex(([value]) => value > 0);
    const told = first < 0 ? parts.slice(-1) : parts.slice(first, first + 2).filter(([value]) => value > 0);
    return told.map(([value, figures]) => figures().format(value)).join(" ");
  };

  return {
    number: (value) => whole().format(value),
    percent: (share) => percent().format(wholePercents(share) / 100),
    bytes: (bytes) => amount(bytes, unitOf(bytes), ""),
    stretch,
    speed: (rate, unit = unitOf(rate)) => amount(rate, unit, words.perSecond),
    scale: (rate) => {
      const unit = unitOf(rate);
      const value = rate / 1000 ** UNITS.indexOf(unit);
      return `${upToTenths().format(value)}${NARROW}${unit}${words.perSecond}`;
    },
    timeLeft: (milliseconds) => words.about(span(roundTimeLeft(milliseconds))),
    duration: (milliseconds) =>
      milliseconds < 59_950
        ? secondTenths().format(milliseconds / SECOND_MS)
        : span(Math.round(milliseconds / SECOND_MS) * SECOND_MS),
    seconds: (milliseconds) => seconds().format(Math.round(milliseconds / SECOND_MS)),
    ago: (atMs, nowMs) => {
      const passed = nowMs - atMs;
      if (passed < MINUTE_MS) return words.justNow;
      if (passed < HOUR_MS) return relative().format(-Math.floor(passed / MINUTE_MS), "minute");
      const at = new Date(atMs);
      const now = new Date(nowMs);
      const nights = Math.round((midnight(now) - midnight(at)) / DAY_MS);
      if (nights === 0 || passed < 6 * HOUR_MS)
        return relative().format(-Math.floor(passed / HOUR_MS), "hour");
      if (nights < 7) return relative().format(-nights, "day");
      return (at.getFullYear() === now.getFullYear() ? thisYear : otherYear)().format(at);
    },
    moment: (atMs) => moment().format(atMs),
    clock: (minute) => clock().format(minute * MINUTE_MS),
    list: (names) => list().format(names),
    get separator() {
      return separator();
    },
  };
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
