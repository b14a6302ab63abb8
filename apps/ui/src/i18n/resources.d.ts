import "i18next";
import type common from "./locales/en/common.json";
import type detail from "./locales/en/detail.json";
import type downloads from "./locales/en/downloads.json";

/** English decides which keys there are: `t` takes no other. A new namespace is a line here and a file in each language. */
declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: {
      common: typeof common;
      detail: typeof detail;
      downloads: typeof downloads;
    };
  }
}
