import "i18next";
import type add from "./locales/en/add.json";
import type check from "./locales/en/check.json";
import type commands from "./locales/en/commands.json";
import type common from "./locales/en/common.json";
import type detail from "./locales/en/detail.json";
import type downloads from "./locales/en/downloads.json";
import type fields from "./locales/en/fields.json";
import type remedies from "./locales/en/remedies.json";
import type settings from "./locales/en/settings.json";

/** English decides which keys there are: `t` takes no other. A new namespace is a line here and a file in each language. */
declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: {
      add: typeof add;
      check: typeof check;
      fields: typeof fields;
      settings: typeof settings;
      commands: typeof commands;
      remedies: typeof remedies;
      common: typeof common;
      detail: typeof detail;
      downloads: typeof downloads;
    };
  }
}
