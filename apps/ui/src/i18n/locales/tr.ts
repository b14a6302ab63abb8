import { namespacesOf } from "../namespaces";

export default namespacesOf(
  import.meta.glob<object>(["./tr/*.json", "!**/shell.json"], { eager: true, import: "default" }),
);
