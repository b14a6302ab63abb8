import { lazy, Suspense, useEffect } from "react";
import { useShortcuts } from "@/commands/use-commands";
import { focusListIfLost } from "@/lib/focus-list";
import { useUi } from "@/stores/ui";
import { closeDialog, useDialogs } from "./store";

const AddDialog = lazy(async () => ({ default: (await import("@/features/add/add-dialog")).AddDialog }));
const SettingsDialog = lazy(async () => ({
  default: (await import("@/features/settings/settings-dialog")).SettingsDialog,
}));
const Palette = lazy(async () => ({ default: (await import("@/features/palette/palette")).Palette }));
const KeySheet = lazy(async () => ({ default: (await import("@/features/palette/key-sheet")).KeySheet }));
const Remedies = lazy(async () => ({ default: (await import("@/features/remedies/remedies")).Remedies }));

/** Draws whatever dialog is open. Once on the page; each dialog is loaded when it is first wanted. */
export function Dialogs() {
  const shown = useDialogs((state) => state.shown);
  useShortcuts();
  // The common roads are paved while nobody waits.
  useEffect(() => {
    const timer = setTimeout(() => {
      void import("@/features/add/add-dialog");
      void import("@/features/palette/palette");
    }, 1500);
    return () => clearTimeout(timer);
  }, []);

  // What opened a dialog may be gone by the time that it closes, and a key pressed on the page has no opener at all.
  const nothing = shown === null;
  useEffect(() => {
    if (!nothing) return;
    const frame = requestAnimationFrame(focusListIfLost);
    return () => cancelAnimationFrame(frame);
  }, [nothing]);

  if (shown === null) return null;
  return <Suspense fallback={null}>{drawn()}</Suspense>;

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
