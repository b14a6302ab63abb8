// Written by `cargo xtask codegen` from crates/gannet-schema. Changes here are lost.

import type { Settings } from "./Settings";

/** What a new store has. */
export const DEFAULT_SETTINGS: Settings = {
  "general": {
    "folder": null,
    "folders_by_category": true,
    "start_when_added": true,
    "confirmations": {
      "duplicates": true,
      "deletion": true
    },
    "on_existing": "rename"
  },
  "network": {
    "connections": 32,
    "connections_per_host": 64,
    "downloads_at_once": 5,
    "downloads_per_host": 5,
    "limit_bytes_per_s": null,
    "limit_on": false,
    "weekly_limits": null,
    "proxy": {
      "kind": "system"
    },
    "identity": {
      "kind": "browser"
    },
    "connect_timeout_s": 15,
    "retry_for_s": 60,
    "allow_downgrade": false
  },
  "integrity": {
    "on_change": "ask"
  },
  "appearance": {
    "theme": "system",
    "accent": "gold",
    "density": "comfortable",
    "language": "system"
  },
  "desktop": {
    "notifications": {
      "finished": true,
      "failed": true,
      "all_done": true
    },
    "keep_awake": true,
    "pause_on_battery": false,
    "pause_on_metered": false,
    "start_at_login": false,
    "watch_clipboard": false
  }
};
