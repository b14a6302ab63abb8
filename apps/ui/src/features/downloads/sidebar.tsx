import { Pause, Play, Plus, Settings } from "lucide-react";
import { type DragEvent, type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useActions } from "@/commands/actions";
import { IconButton } from "@/components/ui/icon-button";
import { openDialog } from "@/dialogs/store";
import { useFormat } from "@/i18n/use-format";
import { useNames } from "@/i18n/use-names";
import { cx } from "@/lib/cx";
import { useEngine } from "@/stores/engine";
import { useUi, type View } from "@/stores/ui";
import { droppedIds, holdsDownloads } from "./drag";
import { tallyOf } from "./listing";

/** Which downloads are shown, with how many there are of each. Categories and queues take what is dropped on them. */
export function Sidebar() {
  const { t } = useTranslation("downloads");
  const rows = useEngine((state) => state.rows);
  const counts = useEngine((state) => state.counts);
  const categories = useEngine((state) => state.categories);
  const names = useNames();
  const tally = useMemo(() => tallyOf(rows), [rows]);
  const inCategory = useMemo(() => new Map(counts.categories), [counts]);
  const actions = useActions();
  return (
    <nav aria-label={t("sidebar.label")} className="flex min-h-0 flex-1 flex-col">
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pt-2 pb-4">
        <ul>
          <Item view={{ kind: "all" }} count={counts.all}>
            {t("sidebar.all")}
          </Item>
          <Item view={{ kind: "active" }} count={tally.active}>
            {t("sidebar.active")}
          </Item>
          <Item view={{ kind: "waiting" }} count={tally.waiting}>
            {t("sidebar.waiting")}
          </Item>
          <Item view={{ kind: "finished" }} count={counts.finished}>
            {t("sidebar.finished")}
          </Item>
          <Item view={{ kind: "failed" }} count={tally.failed} alarming>
            {t("sidebar.failed")}
          </Item>
        </ul>
        <Heading>{t("sidebar.categories")}</Heading>
        <ul>
          {categories.map((category) => (
            <Item
              key={category.id}
              view={{ kind: "category", id: category.id }}
              count={inCategory.get(category.id) ?? 0}
              onDropped={(ids) => actions.toCategory(ids, category.id)}
            >
              {names.category(category)}
            </Item>
          ))}
        </ul>
        <Queues counts={tally.queues} />
      </div>
      <div className="border-t border-hairline p-2">
        <button
          type="button"
          onClick={() => openDialog({ kind: "settings" })}
          className="sidebar-item text-muted hover:text-text"
        >
          <Settings aria-hidden="true" className="size-4" />
          {t("sidebar.settings")}
        </button>
      </div>
    </nav>
  );
}

function Queues({ counts }: { counts: ReadonlyMap<number, number> }) {
  const { t } = useTranslation("downloads");
  const names = useNames();
  const queues = useEngine((state) => state.queues);
  const actions = useActions();
  return (
    <>
      <Heading
        action={
          <IconButton
            label={t("sidebar.addQueue")}
            className="size-6 max-sm:size-11"
            onClick={() => openDialog({ kind: "settings", section: "queues" })}
          >
            <Plus />
          </IconButton>
        }
      >
        {t("sidebar.queues")}
      </Heading>
      <ul>
        {queues.map(({ id, name, running }) => (
          <Item
            key={id}
            view={{ kind: "queue", id }}
            count={counts.get(id) ?? 0}
            onDropped={(ids) => actions.toQueue(ids, id)}
            action={
              <IconButton
                label={t(running ? "sidebar.stopQueue" : "sidebar.startQueue")}
                className="size-full text-faint"
                onClick={() => actions.runQueue(id, running ? "stop" : "start")}
              >
                {running ? <Pause /> : <Play />}
              </IconButton>
            }
          >
            {names.queue({ id, name })}
            {!running && <span className="ml-1.5 text-small text-faint">{t("sidebar.stopped")}</span>}
          </Item>
        ))}
      </ul>
    </>
  );
}

function Heading({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="mt-4 flex h-7 items-center justify-between pr-1 pl-2.5 max-sm:h-11 max-sm:pr-0">
      <h2 className="text-small text-faint">{children}</h2>
      {action}
    </div>
  );
}

interface ItemProperties {
  view: View;
  count: number;
  /** Whether a count above zero is drawn in the colour of failure. */
  alarming?: boolean;
  onDropped?: (ids: readonly number[]) => void;
  action?: ReactNode;
  children: ReactNode;
}

function Item({ view, count, alarming = false, onDropped, action, children }: ItemProperties) {
  const format = useFormat();
  const current = useUi((state) => sameView(state.view, view));
  const show = useUi((state) => state.show);
  const [over, setOver] = useState(false);
  const drop = onDropped && {
    onDragOver: (event: DragEvent) => {
      if (!holdsDownloads(event)) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      onDropped(droppedIds(event));
    },
  };
  return (
    <li className="sidebar-line">
      <button
        type="button"
        aria-current={current ? "page" : undefined}
        onClick={() => show(view)}
        {...drop}
        className={cx("sidebar-item", over && "drop-over")}
      >
        <span className="min-w-0 flex-1 truncate">{children}</span>
        <span
          className={cx(
            "sidebar-count tabular text-small font-normal",
            alarming && count > 0 ? "text-coral-text" : current ? "text-muted" : "text-faint",
          )}
        >
          {count > 0 ? format.number(count) : ""}
        </span>
      </button>
      {action && <span className="sidebar-action">{action}</span>}
    </li>
  );
}

function sameView(a: View, b: View): boolean {
  return a.kind === b.kind && ("id" in a ? a.id : null) === ("id" in b ? b.id : null);
}
