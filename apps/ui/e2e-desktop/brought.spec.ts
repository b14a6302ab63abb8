import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, until } from "./app";

test("what a second start brings and gives no links is said, and the rest is asked about", async ({
  app,
  startOrigin,
}) => {
  const origin = await startOrigin("--size", "4kB");
  const folder = app.folderOutside("lists");
  const latin = join(folder, "latin.meta4");
  writeFileSync(latin, Buffer.from("caf\xe9", "latin1"));
  app.startAgain(latin, "magnet:?xt=urn:btih:0", `${origin.url}/letter.pdf`);
  const said = () => app.page.run(() => document.body.textContent ?? "");
  await until(said).toContain(`${latin} holds no text in UTF-8.`);
  expect(await said()).toContain("1 more could not be used either.");
  await app.look();
  await app.answer();
  await until(() => app.row("letter.pdf")).toContain("Finished");
});
