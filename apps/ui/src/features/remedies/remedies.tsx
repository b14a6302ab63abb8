import type { OpenDialog } from "@/dialogs/store";
import { FolderDialog, LimitDialog, RenameDialog } from "./change";
import { CredentialsDialog, MirrorDialog, NewLinkDialog } from "./mend";
import { QuitDialog } from "./quit";
import { RemoveDialog } from "./remove";

/** The dialogs that ask one thing: about downloads in the list, or about the program. */
export type RemedyDialog = Extract<
  OpenDialog,
  { id: number } | { ids: readonly number[] } | { kind: "quit" }
>;

/** Draws the one that is open. */
export function Remedies({ dialog, onClose }: { dialog: RemedyDialog; onClose(): void }) {
  switch (dialog.kind) {
    case "new_link":
      return <NewLinkDialog id={dialog.id} onClose={onClose} />;
    case "mirror":
      return <MirrorDialog id={dialog.id} onClose={onClose} />;
    case "credentials":
      return <CredentialsDialog id={dialog.id} onClose={onClose} />;
    case "folder":
      return <FolderDialog ids={dialog.ids} onClose={onClose} />;
    case "rename":
      return <RenameDialog id={dialog.id} onClose={onClose} />;
    case "remove":
      return <RemoveDialog ids={dialog.ids} onClose={onClose} />;
    case "limit":
      return <LimitDialog ids={dialog.ids} onClose={onClose} />;
    case "quit":
      return <QuitDialog closing={dialog.closing ?? false} onClose={onClose} />;
  }
}
