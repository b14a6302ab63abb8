import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Category, Queue } from "@/generated";
import { builtInKind, isMainQueue } from "@/lib/built-in-names";

/** Names of what organises downloads: the engine's own in the page's language, a person's own as they were given. */
export interface Names {
  category(category: Pick<Category, "id" | "name">): string;
  queue(queue: Pick<Queue, "id" | "name">): string;
}

export function useNames(): Names {
  const { t } = useTranslation("common");
  return useMemo(
    () => ({
      category: (category) => {
        const kind = builtInKind(category);
        return kind === null ? category.name : t(`builtIn.category.${kind}`);
      },
      queue: (queue) => (isMainQueue(queue) ? t("builtIn.mainQueue") : queue.name),
    }),
    [t],
  );
}
