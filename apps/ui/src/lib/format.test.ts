import { describe, expect, it } from "vitest";
import { createFormat, steadyTimeLeft, steadyUnit } from "./format";

const plain = (text: string) => text.replaceAll("\u00a0", " ").replaceAll("\u202f", " ");
const english = createFormat("en", {
  about: (time) => `about ${time}`,
  perSecond: "/s",
  justNow: "just now",
});
const turkish = createFormat("tr", {
  about: (time) => `yaklaşık ${time}`,
  perSecond: "/sn",
  justNow: "az önce",
});
const chinese = createFormat("zh-CN", { about: (time) => `约 ${time}`, perSecond: "/s", justNow: "刚刚" });

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("bytes", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [99_949, "99.9 kB"],
    [99_950, "100 kB"],
    [999_499, "999 kB"],
    [999_500, "1.0 MB"],
    [702_000_000, "702 MB"],
    [6_100_000_000, "6.1 GB"],
    [40e12, "40.0 TB"],
    [Number.MAX_SAFE_INTEGER, "9.0 PB"],
    [2 ** 53 + 2, "9.0 PB"],
    [2 ** 64, "18,447 PB"],
  ])("%d are %s", (bytes, text) => {
    expect(plain(english.bytes(bytes))).toBe(text);
  });

  it("are written as the language writes numbers", () => {
    expect(plain(turkish.bytes(6_100_000_000))).toBe("6,1 GB");
    expect(plain(turkish.speed(6_100_000))).toBe("6,1 MB/sn");
    expect(plain(english.scale(75_000_000))).toBe("75 MB/s");
    expect(plain(chinese.speed(6_100_000))).toBe("6.1 MB/s");
  });
});

describe("a stretch of a file", () => {
  it.each([
    [0, 67_100_000, "0 – 67 MB"],
    [1_520_000_000, 1_560_000_000, "1.52 – 1.56 GB"],
    [1_546_300_000, 1_550_000_000, "1.546 – 1.550 GB"],
    [900_000_000, 1_200_000_000, "0.9 – 1.2 GB"],
    [0, 700, "0 – 700 B"],
    // Finer than that nobody reads.
    [39_999_999_999_000, 40_000_000_000_000, "40.000 – 40.000 TB"],
  ])("from %d to %d is %s", (start, end, text) => {
    expect(plain(english.stretch(start, end))).toBe(text);
  });
});

describe("a unit that ticks", () => {
  it.each([
    [999_000, null, "kB"],
    [999_400, "kB", "kB"],
    [999_600, "kB", "MB"],
    [950_000, "MB", "MB"],
    [850_000, "MB", "kB"],
    [0, "MB", "MB"],
  ] as const)("%d after %s is told in %s", (rate, last, unit) => {
    expect(steadyUnit(rate, last)).toBe(unit);
  });

  it("may be told beneath its unit", () => {
    expect(plain(english.speed(930_000, "MB"))).toBe("0.9 MB/s");
  });
});

describe("time left", () => {
  it.each([
    [200, "about 1 sec"],
    [7_400, "about 7 sec"],
    [22_000, "about 20 sec"],
    [58_000, "about 1 min"],
    [3.2 * MINUTE, "about 3 min"],
    [31 * MINUTE, "about 30 min"],
    [58 * MINUTE, "about 1 hr"],
    [3.4 * HOUR, "about 3 hr 30 min"],
    [26 * HOUR, "about 1 day 2 hr"],
    [90 * DAY, "about 90 days"],
  ])("%d ms are %s", (milliseconds, text) => {
    expect(plain(english.timeLeft(milliseconds))).toBe(text);
  });

  it("stays while the estimate only trembles", () => {
    let shown = steadyTimeLeft(null, 3 * MINUTE);
    for (const estimate of [2.6, 3.4, 2.9, 3.6, 2.4].map((minutes) => minutes * MINUTE)) {
      shown = steadyTimeLeft(shown, estimate);
    }
    expect(shown).toBe(3 * MINUTE);
    expect(steadyTimeLeft(shown, 1.9 * MINUTE)).toBe(2 * MINUTE);
  });
});

describe("a share", () => {
  it.each([
    [0, "0%"],
    [0.559, "55%"],
    [0.29, "29%"],
    [0.57, "57%"],
    [0.9999, "99%"],
    [1, "100%"],
  ])("%d is %s", (share, text) => {
    expect(plain(english.percent(share))).toBe(text);
  });
});

describe("how long", () => {
  it.each([
    [400, "0.4 sec"],
    [5_100, "5.1 sec"],
    [59_970, "1 min"],
    [200 * SECOND, "3 min 20 sec"],
    [HOUR, "1 hr"],
    [25.5 * HOUR, "1 day 1 hr"],
  ])("%d ms took %s", (milliseconds, text) => {
    expect(plain(english.duration(milliseconds))).toBe(text);
  });
});

describe("when", () => {
  const now = new Date(2026, 10, 22, 15, 0).getTime();
  it.each([
    [now - 20 * SECOND, "just now"],
    [now + 20 * SECOND, "just now"],
    [now - 12 * MINUTE, "12 min. ago"],
    [now - 2 * HOUR, "2 hr. ago"],
    [now - 20 * HOUR, "yesterday"],
    [now - 3 * DAY, "3 days ago"],
    [new Date(2026, 2, 5).getTime(), "Mar 5"],
    [new Date(2024, 2, 5).getTime(), "Mar 5, 2024"],
  ])("%d is %s", (at, text) => {
    expect(plain(english.ago(at, now))).toBe(text);
  });
});

describe("what is told one after another", () => {
  it.each([
    [english, "1, 2"],
    [turkish, "1, 2"],
    [chinese, "1、2"],
  ])("is separated as the language does it", (format, text) => {
    expect([1, 2].join(format.separator)).toBe(text);
  });
});
