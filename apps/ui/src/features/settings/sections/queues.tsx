import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useOrders } from "@/commands/use-orders";
import { RateField } from "@/components/rate-field";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { NumberField } from "@/components/ui/number-field";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import type { Days, Queue, QueueSchedule } from "@/generated";
import { useFormat } from "@/i18n/use-format";
import { useNames } from "@/i18n/use-names";
import { checkLabel } from "@/lib/checks";
import { useEngine } from "@/stores/engine";
import { newQueue } from "../defaults";
import { Setting } from "../setting";
import { useLast } from "../use-last";
import { usePending } from "../use-pending";
import { Chip, Foldable, RemoveButton } from "./folders";

const A_MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;
const AT_NIGHT: QueueSchedule = {
  from_minute: 60,
  to_minute: 7 * 60,
  days: [true, true, true, true, true, true, true],
};

/** Queues: downloads that take turns. */
export function Queues() {
  const { t } = useTranslation("settings");
  const format = useFormat();
  const names = useNames();
  const queues = useEngine((known) => known.queues);
  const order = useOrders();
  const [open, setOpen] = useState<number | null>(null);
  const add = async () => {
    const reply = await order({ action: "add_queue", queue: newQueue(t("queue.new")) });
    if (reply?.kind === "queue") setOpen(reply.id);
  };
  const noteOf = ({ schedule, at_once }: Queue) =>
    [
      t("queue.atOnceNote", { count: at_once }),
      schedule ? `${format.clock(schedule.from_minute)}–${format.clock(schedule.to_minute)}` : null,
    ]
      .filter(Boolean)
      .join(" · ");
  return (
    <Setting item="queues" layout="beneath">
      {() => (
        <>
          <ul className="border-t border-hairline">
            {queues.map((queue, place) => (
              <Foldable
                key={queue.id}
                title={names.queue(queue)}
                note={noteOf(queue)}
                open={open === queue.id}
                onToggle={() => setOpen((now) => (now === queue.id ? null : queue.id))}
              >
                <QueueForm
                  queue={queue}
                  save={async (next) => (await order({ action: "change_queue", queue: next })) !== null}
                  // The first one is where everything goes that names none.
                  onRemove={place === 0 ? null : () => void order({ action: "remove_queue", id: queue.id })}
                />
              </Foldable>
            ))}
          </ul>
          <Button icon={<Plus />} onClick={() => void add()} className="mt-3">
            {t("queue.add")}
          </Button>
        </>
      )}
    </Setting>
  );
}

interface QueueFormProps {
  queue: Queue;
  /** Whether the engine took it. */
  save(queue: Queue): Promise<boolean>;
  onRemove: (() => void) | null;
}

function QueueForm({ queue: known, save, onRemove }: QueueFormProps) {
  const { t } = useTranslation(["settings", "check"]);
  const [queue, changeBy] = usePending(known, save, 0);
  const change = (part: Partial<Queue>) => changeBy(() => part);
  const shownName = useNames().queue(queue);
  const [name, setName] = useState(shownName);
  const complaint = checkLabel(name);
  return (
    <>
      <Field label={t("settings:queue.name")} error={complaint ? t(`check:${complaint}`) : null}>
        {(ties) => (
          <Input
            {...ties}
            value={name}
            onChange={(event) => setName(event.target.value)}
            onBlur={() => !complaint && name !== shownName && change({ name: name.trim() })}
          />
        )}
      </Field>
      <Field label={t("settings:queue.limit")}>
        {({ id }) => (
          <RateField
            id={id}
            value={queue.limit_bytes_per_s}
            onChange={(limit_bytes_per_s) => change({ limit_bytes_per_s })}
          />
        )}
      </Field>
      <Field label={t("settings:queue.atOnce")} hint={t("settings:queue.atOnceHint")}>
        {({ id }) => (
          <NumberField
            id={id}
            least={1}
            most={64}
            value={queue.at_once}
            onChange={(at_once) => at_once !== null && change({ at_once })}
          />
        )}
      </Field>
      <Field label={t("settings:queue.retries")} hint={t("settings:queue.retriesHint")}>
        {({ id }) => (
          <NumberField
            id={id}
            least={0}
            most={100}
            value={queue.retries}
            onChange={(retries) => retries !== null && change({ retries })}
          />
        )}
      </Field>
      <Field
        label={t("settings:queue.whenDone")}
        hint={queue.when_done === "command" && t("settings:queue.commandHint")}
      >
        {({ id }) => (
          <Select
            id={id}
            value={queue.when_done}
            onChange={(when_done) => change({ when_done })}
            choices={(["nothing", "notify", "quit", "command"] as const).map((value) => ({
              value,
              label: t(`settings:whenDone.${value}`),
            }))}
          />
        )}
      </Field>
      <Hours schedule={queue.schedule} onChange={(schedule) => change({ schedule })} />
      {onRemove && <RemoveButton label={t("settings:queue.remove")} onRemove={onRemove} />}
    </>
  );
}

interface HoursProps {
  schedule: QueueSchedule | null;
  onChange(schedule: QueueSchedule | null): void;
}

function Hours({ schedule, onChange }: HoursProps) {
  const { t, i18n } = useTranslation("settings");
  const names = new Intl.DateTimeFormat(i18n.language, { weekday: "short", timeZone: "UTC" });
  const last = useLast(schedule);
  return (
    <fieldset className="flex flex-col gap-2 sm:col-span-2">
      <legend className="sr-only">{t("queue.hours")}</legend>
      <div className="flex min-h-8 flex-wrap items-center gap-3">
        <Switch
          label={t("queue.hours")}
          checked={schedule !== null}
          onChange={(on) => onChange(on ? (last ?? AT_NIGHT) : null)}
        />
        <span aria-hidden>{t("queue.hours")}</span>
        {schedule && (
          <span className="flex items-center gap-2">
            <TimeInput
              label={t("queue.from")}
              minute={schedule.from_minute}
              onChange={(from_minute) => onChange({ ...schedule, from_minute })}
            />
            <span aria-hidden className="text-faint">
              –
            </span>
            <TimeInput
              label={t("queue.to")}
              minute={schedule.to_minute}
              onChange={(to_minute) => onChange({ ...schedule, to_minute })}
            />
          </span>
        )}
      </div>
      {schedule && (
        <div className="flex flex-wrap gap-1.5">
          {schedule.days.map((on, day) => (
            <Chip
              // biome-ignore lint/suspicious/noArrayIndexKey: days do not move
              key={day}
              pressed={on}
              onClick={() => onChange({ ...schedule, days: schedule.days.with(day, !on) as Days })}
            >
              {names.format(A_MONDAY + day * DAY_MS)}
            </Chip>
          ))}
        </div>
      )}
    </fieldset>
  );
}

interface TimeInputProps {
  label: string;
  minute: number;
  onChange(minute: number): void;
}

function TimeInput({ label, minute, onChange }: TimeInputProps) {
  const two = (figure: number) => String(figure).padStart(2, "0");
  return (
    <Input
      type="time"
      aria-label={label}
      value={`${two(Math.floor(minute / 60))}:${two(minute % 60)}`}
      onChange={(event) => {
        const [hours, minutes] = event.target.value.split(":").map(Number);
        if (hours !== undefined && minutes !== undefined && Number.isFinite(hours + minutes)) {
          onChange(hours * 60 + minutes);
        }
      }}
      className="tabular w-28"
    />
  );
}
