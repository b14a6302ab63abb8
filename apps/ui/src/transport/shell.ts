import { Channel, invoke } from "@tauri-apps/api/core";

/** What the desktop shell asks of the page for somebody outside it. */
export interface Errand {
  /** Ask whether these links are to be added. */
  kind: "add";
  /** One or many, as text. */
  text: string;
}

/** Is told every errand from now on, and those that waited for a page. */
export async function attend(run: (errand: Errand) => void): Promise<void> {
  await invoke("attend", { channel: new Channel<Errand>(run) });
}
