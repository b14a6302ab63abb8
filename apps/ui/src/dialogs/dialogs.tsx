import { useEffect } from "react";
import { useShortcuts } from "@/commands/use-commands";
import { PartBoundary } from "@/components/part-boundary";
import { focusListIfLost } from "@/lib/focus-list";
import { late } from "@/lib/late";
import { useUi } from "@/stores/ui";
import { closeDialog, useDialogs } from "./store";

const AddDialog = late(async () => (await import("@/features/add/add-dialog")).AddDialog);
const SettingsDialog = late(async () => (await import("@/features/settings/settings-dialog")).SettingsDialog);
const Palette = late(async () => (await import("@/features/palette/palette")).Palette);
const KeySheet = late(async () => (await import("@/features/palette/key-sheet")).KeySheet);
const Remedies = late(async () => (await import("@/features/remedies/remedies")).Remedies);

/** Loads every dialog while nobody waits: they are there then when the program behind the page is not. */
export function preloadDialogs(): void {
  for (const part of [AddDialog, Palette, Remedies, SettingsDialog, KeySheet]) part.preload();
}

/** Draws whatever dialog is open. Once on the page; each dialog is loaded when it is first wanted. */
export function Dialogs() {
  const shown = useDialogs((state) => state.shown);
  useShortcuts();
  // What opened a dialog may be gone by the time that it closes, and a key pressed on the page has no opener at all.
  const nothing = shown === null;
  useEffect(() => {
    if (!nothing) return;
    const frame = requestAnimationFrame(focusListIfLost);
    return () => cancelAnimationFrame(frame);
  }, [nothing]);

  if (shown === null) return null;
  return (
    <PartBoundary of={shown} onFailure={closeDialog}>
      {drawn()}
    </PartBoundary>
  );

  function drawn() {
    if (shown === null) return null;
    switch (shown.kind) {
      case "add":
        return (
          <AddDialog
            key={shown.text}
            text={shown.text}
            from={shown.from ?? "person"}
            begun={shown.draft}
            onClose={closeDialog}
            onShow={({ id, finished }) => {
              closeDialog();
              useUi.getState().reveal(id, { kind: finished ? "finished" : "all" });
            }}
          />
        );
      case "settings":
        return <SettingsDialog section={shown.section ?? "general"} onClose={closeDialog} />;
      case "palette":
        return <Palette onClose={closeDialog} />;
      case "keys":
        return <KeySheet onClose={closeDialog} />;
      default:
        return <Remedies dialog={shown} onClose={closeDialog} />;
    }
  }
}
