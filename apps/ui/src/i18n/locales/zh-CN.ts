import { namespacesOf } from "../namespaces";

export default namespacesOf(
  import.meta.glob<object>(["./zh-CN/*.json", "!**/shell.json"], { eager: true, import: "default" }),
);
