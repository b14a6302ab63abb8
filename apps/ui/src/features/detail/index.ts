import { lazy } from "react";

/** Loaded when it is first opened. */
export const DetailPanel = lazy(() => import("./panel"));
