import { useTranslation } from "react-i18next";
import { type CommandGroup, commandsOn } from "@/commands/table";
import { Dialog, DialogBody } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { useDesktop } from "@/transport/context";

/** Every key, on one sheet. */
export function KeySheet({ onClose }: { onClose(): void }) {
  const { t } = useTranslation("commands");
  const withKeys = commandsOn(useDesktop()).filter(({ keys }) => keys !== undefined);
  const groups = [...new Set(withKeys.map(({ group }) => group))] as CommandGroup[];
  return (
    <Dialog
      open
      onClose={onClose}
      size="medium"
      initialFocus="dialog"
      title={t("keysTitle")}
      description={t("keysHint")}
    >
      <DialogBody
        tabIndex={0}
        className="columns-1 gap-8 rounded-small focus-visible:-outline-offset-2 sm:columns-2"
      >
        {groups.map((group) => (
          <section key={group} className="mb-5 break-inside-avoid">
            <h3 className="mb-1 text-small text-faint">{t(`group.${group}`)}</h3>
            <ul>
              {withKeys
                .filter((command) => command.group === group)
                .map(({ id, label, keys = "", also = [] }) => (
                  <li
                    key={id}
                    className="flex min-h-8 items-center justify-between gap-4 border-b border-hairline"
                  >
                    <span>{t(label)}</span>
                    <span className="flex shrink-0 gap-2">
                      {[keys, ...also].map((one) => (
                        <Kbd key={one} keys={one} />
                      ))}
                    </span>
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </DialogBody>
    </Dialog>
  );
}
