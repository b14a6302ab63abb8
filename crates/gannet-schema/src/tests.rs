//! What crosses must arrive as it was sent.

use serde_json::{from_str, json, to_string, to_value};

use crate::{
    Change, Command, Credentials, DownloadId, Failure, FailureCode, LimitScope, Message, Notch,
    OptionChanges, Remedy, Reply, RequestOptions, Secret, Settings, Snapshot,
};

#[test]
fn a_command_is_tagged_by_its_action() {
    let command = Command::Pause {
        ids: vec![DownloadId(7)],
    };
    assert_eq!(
        to_value(&command).unwrap(),
        json!({"action": "pause", "ids": [7]})
    );
    let limit: Command =
        from_str(r#"{"action": "set_limit", "scope": {"kind": "all"}, "limit_bytes_per_s": 5000000}"#)
            .unwrap();
    assert_eq!(
        limit,
        Command::SetLimit {
            scope: LimitScope::All,
            limit_bytes_per_s: Some(5_000_000)
        }
    );
}

#[test]
fn what_is_not_on_the_menu_is_refused() {
    assert!(from_str::<Command>(r#"{"action": "delete_everything"}"#).is_err());
    assert!(from_str::<Command>(r#"{"ids": [7]}"#).is_err());
}

#[test]
fn what_an_add_leaves_out_has_a_default() {
    let command: Command =
        from_str(r#"{"action": "add", "downloads": [{"url": "https://example.org/a"}]}"#).unwrap();
    let Command::Add { downloads, .. } = command else {
        panic!("another command");
    };
    assert_eq!(downloads[0].options, RequestOptions::default());
    assert_eq!(downloads[0].limit_bytes_per_s, None);
}

#[test]
fn byte_counts_beyond_what_javascript_holds_cross_exactly() {
    for bytes in [(1 << 53) - 1, 1 << 53, (1 << 53) + 1, u64::MAX] {
        let reply = Reply::Removed { undo_until_ms: bytes };
        assert_eq!(from_str::<Reply>(&to_string(&reply).unwrap()).unwrap(), reply);
    }
}

#[test]
fn a_message_bears_its_number() {
    let message = Message::Snapshot {
        sequence: 3,
        snapshot: Box::new(Snapshot::default()),
    };
    let value = to_value(&message).unwrap();
    assert_eq!(
        (&value["kind"], &value["sequence"]),
        (&json!("snapshot"), &json!(3))
    );
}

#[test]
fn a_workers_place_crosses_as_its_figures_alone() {
    let notch = Notch {
        worker: 3,
        at: 1 << 40,
        end: (1 << 40) + 5,
        rate_bytes_per_s: 1000.0,
    };
    let text = to_string(&notch).unwrap();
    assert_eq!(text, "[3,1099511627776,1099511627781,1000.0]");
    assert_eq!(from_str::<Notch>(&text).unwrap(), notch);
}

#[test]
fn a_change_tells_what_stays_from_what_goes() {
    let text = r#"{"action": "set_options", "id": 7, "options": {"credentials": {"kind": "bearer", "token": "t"}, "cookies": null}}"#;
    let Command::SetOptions { options, .. } = from_str(text).unwrap() else {
        panic!("another command");
    };
    let expected = OptionChanges {
        credentials: Change::Set(Credentials::Bearer {
            token: Secret::new("t"),
        }),
        cookies: Change::Remove,
        ..OptionChanges::default()
    };
    assert_eq!(options, expected);
    assert_eq!(
        to_value(&options).unwrap(),
        json!({"credentials": {"kind": "bearer", "token": "t"}, "cookies": null}),
        "what stays is left out"
    );
}

#[test]
fn no_debug_shows_a_secret() {
    let options = RequestOptions {
        headers: vec![("x-key".to_owned(), Secret::new("hunter2"))],
        cookies: Some(Secret::new("hunter2")),
        proxy: Some(Secret::new("hunter2")),
        ..RequestOptions::default()
    };
    assert!(!format!("{options:?}").contains("hunter2"));
    let changes = OptionChanges {
        headers: Change::Set(options.headers),
        referer: Change::Set("https://example.org/?key=hunter2".to_owned()),
        ..OptionChanges::default()
    };
    assert!(!format!("{changes:?}").contains("hunter2"));
}

#[test]
fn a_failure_names_what_mends_it() {
    let failure = Failure::new(FailureCode::Expired, "the link has expired");
    assert_eq!(failure.remedy, Some(Remedy::NewLink));
}

#[test]
fn settings_of_an_older_program_are_read_with_defaults() {
    let settings: Settings = from_str(r#"{"network": {"connections": 8}}"#).unwrap();
    assert_eq!(settings.network.connections, 8);
    assert_eq!(
        settings.network.downloads_at_once,
        Settings::default().network.downloads_at_once
    );
}
