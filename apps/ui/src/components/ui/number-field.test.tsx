import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { startI18nForTests } from "@/i18n/for-tests";
import { NumberField } from "./number-field";

beforeAll(startI18nForTests);
afterEach(cleanup);

/** A place that takes figures only, and keeps the last one while the field stands empty. */
function Keeps({ say }: { say(value: number | null): void }) {
  const [value, setValue] = useState(32);
  return (
    <NumberField
      label="Connections"
      least={1}
      most={64}
      value={value}
      onChange={(next) => {
        say(next);
        if (next !== null) setValue(next);
      }}
    />
  );
}

it("may be emptied before it is typed anew, and keeps its figure when it is left empty", async () => {
  const user = userEvent.setup();
  const said = vi.fn();
  render(<Keeps say={said} />);
  const field = screen.getByRole<HTMLInputElement>("textbox", { name: "Connections" });
  await user.click(field);
  fireEvent.change(field, { target: { value: "" } });
  expect(field.value).toBe("");
  fireEvent.change(field, { target: { value: "8" } });
  expect(field.value).toBe("8");
  expect(said.mock.calls).toEqual([[null], [8]]);
  fireEvent.change(field, { target: { value: "" } });
  await user.tab();
  expect(field.value).toBe("8");
});
