export { BottomBar } from "./bottom-bar";
export { ConnectionStrip } from "./connection-strip";
export { firstList } from "./first-list";
export { DownloadGrid } from "./list/grid";
export { useNotices } from "./notices";
export { Sidebar } from "./sidebar";
export { Toolbar } from "./toolbar";
