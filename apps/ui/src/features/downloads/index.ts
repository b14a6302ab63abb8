export { BottomBar } from "./bottom-bar";
export { ConnectionStrip } from "./connection-strip";
export { DownloadGrid } from "./list/grid";
export { useNotices } from "./notices";
export { RowMenu } from "./row-menu";
export { Sidebar } from "./sidebar";
export { statusOf } from "./status";
export { Toolbar } from "./toolbar";
