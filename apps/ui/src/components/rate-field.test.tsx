import { cleanup, render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { startI18nForTests } from "@/i18n/for-tests";
import { RateField, readRate } from "./rate-field";

beforeAll(startI18nForTests);
afterEach(cleanup);

function Page({ first, told }: { first: number; told: (value: number | null) => void }) {
  const [value, setValue] = useState<number | null>(first);
  const change = (next: number | null) => {
    told(next);
    setValue(next);
  };
  return <RateField label="Speed" value={value} onChange={change} />;
}

function begin(first: number) {
  const told = vi.fn();
  render(<Page first={first} told={told} />);
  return { told, field: screen.getByLabelText<HTMLInputElement>("Speed"), user: userEvent.setup() };
}

describe("a speed", () => {
  it("takes no limit away while another figure is typed", async () => {
    const { told, field, user } = begin(5_000_000);
    await user.clear(field);
    expect(told).not.toHaveBeenCalled();
    await user.type(field, "0.5");
    expect(told).not.toHaveBeenCalledWith(null);
    expect(told).toHaveBeenLastCalledWith(500_000);
    await user.tab();
    expect(told).not.toHaveBeenCalledWith(null);
  });

  it.each(["{Tab}", "{Enter}"])("is no limit where the field is left empty (%s)", async (key) => {
    const { told, field, user } = begin(5_000_000);
    await user.clear(field);
    await user.keyboard(key);
    expect(told).toHaveBeenLastCalledWith(null);
  });

  it.each([".", "1.2.3"])(
    "is not what is no figure: %s is said to be none, and counts for nothing",
    async (text) => {
      const { told, field, user } = begin(5_000_000);
      await user.clear(field);
      await user.type(field, text);
      expect(screen.getByRole("alert").textContent).toContain("This is no speed");
      expect(field.getAttribute("aria-invalid")).toBe("true");
      told.mockClear();
      await user.tab();
      expect(told).not.toHaveBeenCalled();
      expect(screen.queryByRole("alert")).toBeNull();
      expect(field.value).not.toBe(text);
    },
  );

  it.each([
    ["2,5", 2_500_000],
    [".5", 500_000],
    ["0", null],
    ["0.", null],
    ["", null],
    [".", "wrong"],
    ["1.2.3", "wrong"],
  ])("%j is %s", (text, rate) => {
    expect(readRate(text, 1_000_000)).toBe(rate);
  });
});
