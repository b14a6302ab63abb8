import {
  AppWindow,
  ArrowDownToLine,
  ArrowUpToLine,
  Copy,
  CopyPlus,
  ExternalLink,
  FolderInput,
  FolderOpen,
  Gauge,
  Link,
  ListOrdered,
  PanelBottom,
  Pause,
  PencilLine,
  Play,
  RotateCcw,
  Share2,
  Signal,
  Tag,
  Trash2,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Actions } from "@/commands/actions";
import { useRun } from "@/commands/use-commands";
import { MenuChoice, MenuItem, MenuLine, SubMenu } from "@/components/ui/menu";
import { openDialog } from "@/dialogs/store";
import type { DownloadId, Priority, Row } from "@/generated";
import { useFormat } from "@/i18n/use-format";
import { useNames } from "@/i18n/use-names";
import { rowsOf, useEngine } from "@/stores/engine";
import { useUi } from "@/stores/ui";
import { useDesktop } from "@/transport/context";

const NO_CATEGORY = 0;
const NO_LIMIT = 0;
const AS_SET = 0;
const LIMITS_BYTES_PER_S: readonly number[] = [500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000];
const CONNECTIONS: readonly number[] = [1, 2, 4, 8, 16, 32, 64];
const PRIORITIES: readonly Priority[] = ["high", "normal", "low"];

interface Properties {
  actions: Actions;
  /** Which downloads it is about; the chosen ones where none are named. */
  of?: readonly DownloadId[];
}

/** What can be done with downloads. */
export function RowMenu({ actions, of }: Properties) {
  const { t } = useTranslation("downloads");
  const selection = useUi((state) => state.selection);
  const detailOpen = useUi((state) => state.detailOpen);
  const ids = of ?? [...selection];
  const rows = rowsOf(ids);
  const [first] = rows;
  if (!first) return null;
  const single = rows.length === 1;
  const unfinished = rows.filter((row) => row.standing.kind !== "finished");
  const resumable = unfinished.some((row) =>
    ["paused", "failed", "waiting", "scheduled"].includes(row.standing.kind),
  );
  const pausable = unfinished.some((row) => !["paused", "failed"].includes(row.standing.kind));
  const { openDetail, closeDetail } = useUi.getState();

  return (
    <>
      <HandItems rows={rows} />
      {resumable && (
        <MenuItem
          icon={<Play />}
          // Where some run, the key pauses them.
          {...(pausable ? {} : { keys: "Space" })}
          onSelect={() => actions.resume(ids)}
        >
          {t("action.resume")}
        </MenuItem>
      )}
      {pausable && (
        <MenuItem icon={<Pause />} keys="Space" onSelect={() => actions.pause(ids)}>
          {t("action.pause")}
        </MenuItem>
      )}
      <MenuItem icon={<PanelBottom />} keys="Enter" onSelect={detailOpen ? closeDetail : openDetail}>
        {t(detailOpen ? "action.hideDetail" : "action.detail")}
      </MenuItem>
      <MenuLine />
      <MenuItem icon={<Copy />} keys="Mod+C" onSelect={() => actions.copyLinks(ids)}>
        {t("action.copyLink")}
      </MenuItem>
      {single && (
        <MenuItem
          icon={<PencilLine />}
          keys="F2"
          onSelect={() => openDialog({ kind: "rename", id: first.id })}
        >
          {t("action.rename")}
        </MenuItem>
      )}
      <MenuItem icon={<FolderInput />} onSelect={() => openDialog({ kind: "folder", ids })}>
        {t("action.move")}
      </MenuItem>
      {single && unfinished.length > 0 && (
        <MenuItem icon={<Link />} onSelect={() => openDialog({ kind: "new_link", id: first.id })}>
          {t("action.newLink")}
        </MenuItem>
      )}
      {single && unfinished.length > 0 && (
        <MenuItem icon={<CopyPlus />} onSelect={() => openDialog({ kind: "mirror", id: first.id })}>
          {t("action.mirror")}
        </MenuItem>
      )}
      {unfinished.length > 0 && (
        <>
          <ConnectionsMenu actions={actions} ids={ids} connections={first.connections_limit} />
          <LimitMenu actions={actions} ids={ids} limit={first.limit_bytes_per_s} />
          <MenuLine />
          <OrderItems actions={actions} ids={ids} first={first} />
        </>
      )}
      <CategoryMenu actions={actions} ids={ids} category={first.category} />
      <MenuLine />
      <MenuItem icon={<RotateCcw />} onSelect={() => actions.restart(ids)}>
        {t("action.restart")}
      </MenuItem>
      <MenuItem icon={<Trash2 />} keys="Delete" onSelect={() => actions.remove(ids, "keep")}>
        {t("action.remove")}
      </MenuItem>
      <MenuItem
        look="danger"
        icon={<Trash2 />}
        keys="Shift+Delete"
        onSelect={() => openDialog({ kind: "remove", ids })}
      >
        {t("action.delete")}
      </MenuItem>
    </>
  );
}

/** What the system does with files; nothing in a browser. */
function HandItems({ rows }: { rows: readonly Row[] }) {
  const { t } = useTranslation("downloads");
  const desktop = useDesktop();
  const run = useRun();
  if (!desktop) return null;
  const single = rows.length === 1;
  const finished = rows.every((row) => row.standing.kind === "finished");
  return (
    <>
      {finished && (
        <MenuItem icon={<ExternalLink />} keys="Mod+O" onSelect={() => run("open_file")}>
          {t("action.open")}
        </MenuItem>
      )}
      {finished && single && (
        <MenuItem icon={<AppWindow />} onSelect={() => run("open_with")}>
          {t("action.openWith")}
        </MenuItem>
      )}
      {single && (
        <MenuItem icon={<FolderOpen />} keys="Mod+Shift+O" onSelect={() => run("show_in_folder")}>
          {t("action.showInFolder")}
        </MenuItem>
      )}
      <MenuLine />
    </>
  );
}

function ConnectionsMenu({
  actions,
  ids,
  connections,
}: {
  actions: Actions;
  ids: readonly DownloadId[];
  connections: number | null;
}) {
  const { t } = useTranslation("downloads");
  const format = useFormat();
  const choices =
    connections === null || CONNECTIONS.includes(connections) ? CONNECTIONS : [connections, ...CONNECTIONS];
  return (
    <SubMenu icon={<Share2 />} label={t("action.connections")}>
      <MenuChoice
        value={connections ?? AS_SET}
        onChange={(chosen) => actions.connect(ids, chosen === AS_SET ? null : chosen)}
        choices={[
          { value: AS_SET, label: t("action.connectionsUsual") },
          ...choices.map((value) => ({ value, label: format.number(value) })),
        ]}
      />
    </SubMenu>
  );
}

function LimitMenu({
  actions,
  ids,
  limit,
}: {
  actions: Actions;
  ids: readonly DownloadId[];
  limit: number | null;
}) {
  const { t } = useTranslation("downloads");
  const format = useFormat();
  const choices =
    limit === null || LIMITS_BYTES_PER_S.includes(limit)
      ? LIMITS_BYTES_PER_S
      : [limit, ...LIMITS_BYTES_PER_S];
  return (
    <SubMenu icon={<Gauge />} label={t("action.limit")}>
      <MenuChoice
        value={limit ?? NO_LIMIT}
        onChange={(chosen) => actions.limit(ids, chosen === NO_LIMIT ? null : chosen)}
        choices={[
          { value: NO_LIMIT, label: t("limit.none") },
          ...choices.map((value) => ({ value, label: format.speed(value) })),
        ]}
      />
      <MenuLine />
      <MenuItem onSelect={() => openDialog({ kind: "limit", ids })}>{t("limit.other")}</MenuItem>
    </SubMenu>
  );
}

function OrderItems({ actions, ids, first }: { actions: Actions; ids: readonly DownloadId[]; first: Row }) {
  const { t } = useTranslation("downloads");
  const names = useNames();
  const queues = useEngine((state) => state.queues);
  return (
    <>
      <MenuItem icon={<ArrowUpToLine />} onSelect={() => actions.move(ids, "first")}>
        {t("action.first")}
      </MenuItem>
      <MenuItem icon={<ArrowDownToLine />} onSelect={() => actions.move(ids, "last")}>
        {t("action.last")}
      </MenuItem>
      <SubMenu icon={<ListOrdered />} label={t("action.queue")}>
        <MenuChoice
          value={first.queue}
          onChange={(queue) => actions.toQueue(ids, queue)}
          choices={queues.map((queue) => ({ value: queue.id, label: names.queue(queue) }))}
        />
      </SubMenu>
      <SubMenu icon={<Signal />} label={t("action.priority")}>
        <MenuChoice
          value={first.priority}
          onChange={(priority) => actions.prioritise(ids, priority)}
          choices={PRIORITIES.map((value) => ({ value, label: t(`priority.${value}`) }))}
        />
      </SubMenu>
    </>
  );
}

function CategoryMenu({
  actions,
  ids,
  category,
}: {
  actions: Actions;
  ids: readonly DownloadId[];
  category: number | null;
}) {
  const { t } = useTranslation("downloads");
  const names = useNames();
  const categories = useEngine((state) => state.categories);
  return (
    <SubMenu icon={<Tag />} label={t("action.category")}>
      <MenuChoice
        value={category ?? NO_CATEGORY}
        onChange={(id) => actions.toCategory(ids, id === NO_CATEGORY ? null : id)}
        choices={[
          { value: NO_CATEGORY, label: t("action.noCategory") },
          ...categories.map((one) => ({ value: one.id, label: names.category(one) })),
        ]}
      />
    </SubMenu>
  );
}
