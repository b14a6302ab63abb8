import { namespacesOf } from "../namespaces";

export default namespacesOf(
  import.meta.glob<object>(["./en/*.json", "!**/shell.json"], { eager: true, import: "default" }),
);
