import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Detail, Validator, Worker } from "@/generated";
import { startI18nForTests } from "@/i18n/for-tests";
import { makeRow } from "@/transport/mock/catalogue";
import { Facts } from "./facts";
import { Workers } from "./workers";

beforeAll(startI18nForTests);
afterEach(cleanup);

const MB = 1_000_000;

const row = makeRow({ id: 1, name: "a.iso", host: "example.org", standing: { kind: "downloading" } });

const worker = (id: number, given: Partial<Worker> = {}): Worker => ({
  id,
  host: "example.org",
  began: id * 100 * MB,
  at: (id * 100 + 25) * MB,
  end: (id + 1) * 100 * MB,
  rate_bytes_per_s: 4 * MB,
  tries: 0,
  state: "receiving",
  ...given,
});

const detail = (given: Partial<Detail> = {}): Detail => ({
  id: 1,
  ranges: [],
  workers: [],
  requests: 0,
  retries: 0,
  bytes_discarded: 0,
  bytes_hashed: 0,
  connections_peak: 0,
  cause: null,
  resumable: true,
  validator: null,
  digests: [],
  sources: [],
  header_names: [],
  rates_bytes_per_s: [],
  log: [],
  ...given,
});

const connections = (...workers: Worker[]) => (
  <Workers row={row} detail={detail({ workers })} lit={null} onLight={vi.fn()} />
);

const told = () =>
  screen.getAllByRole("listitem").map((item) => item.textContent?.replaceAll("\u00a0", " ") ?? "");

describe("the connections of a download", () => {
  it("go on in their places from snapshot to snapshot", () => {
    const { rerender } = render(connections(worker(1), worker(0)));
    expect(told()).toEqual(["10 – 100 MB4.0 MB/s", "2100 – 200 MB4.0 MB/s"]);
    const places = screen.getAllByRole("listitem");
    rerender(connections(worker(0, { at: 40 * MB, rate_bytes_per_s: 3.5 * MB }), worker(1)));
    expect(told()).toEqual(["10 – 100 MB3.5 MB/s", "2100 – 200 MB4.0 MB/s"]);
    expect(screen.getAllByRole("listitem")).toEqual(places);
    expect(places[0]?.querySelector<HTMLElement>(".worker-bar")?.style.transform).toBe("scaleX(0.400)");
  });

  it("say that they ask, race or are slow", () => {
    const usual = [4, 5, 6, 7].map((id) => worker(id));
    render(
      connections(
        worker(0, { state: "asking" }),
        worker(1, { state: "racing" }),
        worker(2, { rate_bytes_per_s: 0.2 * MB }),
        worker(3, { rate_bytes_per_s: 0.2 * MB, at: 300 * MB + 1000 }),
        ...usual,
      ),
    );
    const [asking, racing, slow, beginning] = told();
    expect(asking).toContain("asking");
    expect(racing).toContain("racing");
    expect(slow).toContain("slow");
    expect(beginning).not.toContain("slow");
  });

  it("are missed for a reason where there are none", () => {
    render(
      <Workers
        row={{ ...row, standing: { kind: "paused" } }}
        detail={detail()}
        lit={null}
        onLight={vi.fn()}
      />,
    );
    expect(screen.getByText("Paused: no connection is open.")).toBeTruthy();
  });
});

describe("the version of a file", () => {
  const shown = (validator: Validator | null) => {
    cleanup();
    render(<Facts row={row} detail={detail({ validator })} moving={undefined} />);
    return screen.queryByText("Version")?.nextElementSibling?.textContent ?? null;
  };

  it("is told by what the server names it, and what that means", () => {
    expect(shown("strong_entity_tag")).toMatch(/^Strong ETag.*never mix\.$/);
    expect(shown("strong_date")).toMatch(/^Last-Modified, strong.*never mix\.$/);
    expect(shown("weak")).toMatch(/^Weak ETag or date.*compared\.$/);
    expect(shown("none")).toMatch(/^Not named by the server.*compared\.$/);
  });

  it("is not told before the server answered", () => {
    expect(shown(null)).toBeNull();
  });
});
