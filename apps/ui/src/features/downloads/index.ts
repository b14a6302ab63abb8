export { BottomBar } from "./bottom-bar";
export { ConnectionStrip } from "./connection-strip";
export { DownloadGrid } from "./list/grid";
export { Sidebar } from "./sidebar";
export { Toolbar } from "./toolbar";
