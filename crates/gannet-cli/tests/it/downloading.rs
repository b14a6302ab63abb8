//! Files that arrive.

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::Stdio;

use gannet_testkit::{Content, Fault, OriginBuilder, When};

use crate::scene::{Scene, end, wait_until};

/// An answer that would take an hour for 4 MiB: however late its reader lets go of it, little of it is sent.
const DROPS: Fault = Fault::Slow { bytes_per_s: 1_000 };

#[test]
fn a_file_arrives_whole_and_one_line_says_so() {
    let scene = Scene::new(|origin| origin.size(8 << 20));
    let ended = scene.run_well(&[&scene.url("large.iso")]);
    scene.assert_whole("large.iso");
    assert_eq!(scene.names(), ["large.iso"], "nothing else is left");
    assert!(ended.stdout.is_empty());
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    assert!(
        ended.stderr.starts_with("large.iso  8.39 MB in "),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_finished_file_of_the_same_version_is_not_fetched_again() {
    // The second answer would take an hour.
    let scene = Scene::new(|origin| origin.size(4 << 20).fault(When::After(1), DROPS));
    scene.run_well(&["-x", "1", &scene.url("a.bin")]);
    scene.origin.log().clear();
    let ended = scene.run_well(&[&scene.url("a.bin")]);
    assert_eq!(scene.names(), ["a.bin"]);
    assert!(ended.stderr.contains("is here already"), "{}", ended.stderr);
    assert_eq!(
        scene.origin.log().request_count(),
        1,
        "it is asked for its version"
    );
    assert!(scene.origin.log().bytes_sent() < 1 << 20);
}

#[test]
fn a_finished_file_of_the_same_digest_is_not_fetched_again() {
    let scene = Scene::new(|origin| origin.size(4 << 20).fault(When::Always, DROPS));
    let digest = format!("sha256:{}", scene.origin.content().sha256_hex());
    fs::write(scene.path("a.bin"), scene.origin.content().bytes(0, 4 << 20)).expect("written");
    let ended = scene.run_well(&["--checksum", &digest, &scene.url("a.bin")]);
    assert_eq!(scene.names(), ["a.bin"]);
    assert!(
        ended
            .stderr
            .contains("is here already, 4.19 MB, verified by sha256"),
        "{}",
        ended.stderr
    );
    assert_eq!(
        scene.origin.log().request_count(),
        1,
        "it is asked for its length"
    );
    assert!(scene.origin.log().bytes_sent() < 1 << 20);
}

#[test]
fn a_list_comes_with_its_options() {
    let scene = Scene::new(|origin| origin.size(100_000));
    let digest = scene.origin.content().sha256_hex();
    let list = format!(
        "# a list\n{}\n  out=one.bin\n  checksum=sha-256={digest}\n\n{}\t{}\n  dir=sub\n{}\n",
        scene.url("x"),
        scene.url("two.bin"),
        scene.url("mirror/two.bin"),
        scene.url("three.bin"),
    );
    fs::write(scene.path("list.txt"), list).expect("written");
    let ended = scene.run_well(&["-i", "list.txt", "-j", "3"]);
    for name in ["one.bin", "sub/two.bin", "three.bin"] {
        scene.assert_whole(name);
    }
    assert!(ended.stderr.contains("verified by sha256"), "{}", ended.stderr);
    assert!(ended.stderr.contains("\n3 files, 300 kB in "), "{}", ended.stderr);
}

#[test]
fn a_list_may_come_through_a_pipe() {
    let scene = Scene::new(|origin| origin);
    let mut child = scene
        .get(&["-i", "-", "-j", "16"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut list = child.stdin.take().expect("piped");
    for file in 0..100 {
        writeln!(list, "{}", scene.url(&format!("64KiB/{file}.bin"))).expect("written");
    }
    drop(list);
    let ended = end(child);
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 101, "{}", ended.stderr);
    for file in 0..100 {
        scene.assert_holds(&format!("{file}.bin"), Content::new(1, 64 << 10));
    }
}

#[test]
fn standard_output_gets_the_file_in_order() {
    let scene = Scene::new(|origin| origin.size(8 << 20).rate_per_connection(4 << 20));
    fs::create_dir(scene.path("tmp")).expect("made");
    let child = scene
        .get(&["-o", "-", &scene.url("a.bin")])
        .env("TMPDIR", scene.path("tmp"))
        .spawn()
        .expect("the binary runs");
    let ended = end(child);
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    assert_eq!(ended.stdout.len(), 8 << 20);
    assert_eq!(scene.origin.content().check(0, &ended.stdout), Ok(()));
    assert_eq!(
        fs::read_dir(scene.path("tmp")).expect("a folder").count(),
        0,
        "no copy is left"
    );
    assert_eq!(scene.names(), ["tmp"]);
}

#[test]
fn a_reader_that_pauses_learns_that_what_it_has_was_wrong() {
    let slow = |origin: OriginBuilder| origin.size(8 << 20).rate_per_connection(2 << 20);
    let scene = Scene::new(slow);
    let mirror = Scene::new(|origin| slow(origin).seed(99));
    let tmp = scene.path("tmp");
    fs::create_dir(&tmp).expect("made");
    let digest = format!("sha256:{}", scene.origin.content().sha256_hex());
    let mut child = scene
        .get(&["-o", "-", "-x", "4", "--checksum", &digest])
        .args(["--mirror", &mirror.url("a.bin"), &scene.url("a.bin")])
        .env("TMPDIR", &tmp)
        .spawn()
        .expect("the binary runs");

    let mut reader = child.stdout.take().expect("piped");
    let (mut position, mut piece) = (0, vec![0; 16 << 10]);
    loop {
        let read = reader.read(&mut piece).expect("a pipe");
        assert!(read > 0, "the mirror brought nothing");
        if scene.origin.content().check(position, &piece[..read]).is_err() {
            break;
        }
        position += read as u64;
    }
    // Until right bytes have taken the place of the wrong ones, the reader takes nothing.
    wait_until("a whole file", || {
        let copies = fs::read_dir(&tmp).expect("a folder").flatten();
        copies.into_iter().any(|copy| copy.path().join("stream").exists())
    });
    child.stdout = Some(reader);
    let ended = end(child);
    assert_eq!(ended.status, Some(6), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("turned out to be wrong"),
        "{}",
        ended.stderr
    );
}

#[test]
fn an_existing_file_is_treated_as_asked() {
    let scene = Scene::new(|origin| origin.size(50_000));
    let url = scene.url("a.bin");
    let mine = b"mine".as_slice();
    fs::write(scene.path("a.bin"), mine).expect("written");

    let ended = scene.run_well(&["--skip-existing", &url]);
    assert_eq!(fs::read(scene.path("a.bin")).expect("read"), mine);
    assert!(ended.stderr.contains("nothing was fetched"), "{}", ended.stderr);

    scene.run_well(&["--rename", &url]);
    assert_eq!(fs::read(scene.path("a.bin")).expect("read"), mine);
    scene.assert_whole("a (1).bin");

    scene.run_well(&["--overwrite", &url]);
    scene.assert_whole("a.bin");
}

#[test]
fn a_limit_is_kept_by_all_files_together() {
    let scene = Scene::new(|origin| origin.size(750_000));
    let begun = std::time::Instant::now();
    scene.run_well(&["--limit", "1M", &scene.url("a.bin"), &scene.url("b.bin")]);
    assert!(begun.elapsed().as_secs_f64() > 1.2, "{:?}", begun.elapsed());
    scene.assert_whole("a.bin");
    scene.assert_whole("b.bin");
}

#[test]
fn credentials_open_what_is_closed() {
    let scene = Scene::new(|origin| {
        origin.with(|profile| profile.basic_auth = Some(("ann".to_owned(), "hunter2".to_owned())))
    });
    scene.run_well(&["--user", "ann:hunter2", "-o", "one.bin", &scene.url("a.bin")]);
    scene.assert_whole("one.bin");

    fs::write(
        scene.path(".netrc"),
        "machine 127.0.0.1 login ann password hunter2\n",
    )
    .expect("written");
    scene.run_well(&["--netrc", "-o", "two.bin", &scene.url("a.bin")]);
    scene.assert_whole("two.bin");

    // A mirror's host is looked up by itself.
    let gone = Scene::new(|origin| origin.fault(When::Always, Fault::Status(404)));
    let first = gone.url("a.bin").replace("127.0.0.1", "localhost");
    scene.run_well(&[
        "--netrc",
        "-o",
        "three.bin",
        &first,
        "--mirror",
        &scene.url("a.bin"),
    ]);
    scene.assert_whole("three.bin");
}

#[test]
fn an_authority_of_ones_own_is_trusted_when_given() {
    let scene = Scene::new(OriginBuilder::tls);
    let url = scene.origin.https_url("a.bin");
    fs::write(scene.path("ca.pem"), scene.origin.ca_pem()).expect("written");
    let refused = scene.run(&["--retry-for", "1s", &url]);
    assert_eq!(refused.status, Some(4), "{}", refused.stderr);
    scene.run_well(&["--cacert", "ca.pem", &url]);
    scene.assert_whole("a.bin");

    let careless = scene.run_well(&["--insecure", "-o", "b.bin", &url]);
    assert!(
        careless
            .stderr
            .starts_with("warning: the certificate of 127.0.0.1 is not checked"),
        "{}",
        careless.stderr
    );
}
