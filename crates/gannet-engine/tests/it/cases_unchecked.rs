//! Parts that bear a digest of their own are claimed by no journal before they were held against it: after a crash nobody
//! would know any more what they were to be.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gannet_engine::disk::real::RealDirectory;
use gannet_engine::{ErrorCode, Request, Silent};
use gannet_testkit::disk::Call;
use gannet_testkit::{
    Claims, Content, DigestField, DigestKind, Fault, Origin, OriginBuilder, RangeLie, Truth, When,
};

use crate::faults_hooked::{HookedDisk, Pass, When as Moment};
use crate::support::{assert_file_is, request};

const SIZE_BYTES: u64 = 3_000_000;
const CONNECTIONS: u32 = 4;

/// A unit takes two seconds, and so more than one sync.
fn slow_with_digests() -> OriginBuilder {
    Origin::builder()
        .size(SIZE_BYTES)
        .seed(35)
        .rate_per_connection(260_000)
        .with(|profile| {
            profile.digests = vec![DigestField {
                kind: DigestKind::ContentSha256,
                truth: Truth::Right,
            }];
        })
}

/// What each record of a journal claimed when it was safe on disk.
#[derive(Default)]
struct Records(Mutex<Vec<Claims>>);

impl Records {
    fn note(&self, folder: &Path, content: &Content) {
        let read = |name| std::fs::read(folder.join(name));
        if let (Ok(journal), Ok(part)) = (read("file.bin.part.journal"), read("file.bin.part")) {
            self.0.lock().unwrap().push(Claims::of(&journal, &part, content));
        }
    }
}

/// A request into a folder whose journals are looked at as soon as each record is safe: as a kill at that moment leaves them.
fn watched(origin: &Origin, folder: &Path) -> (Request, Arc<Records>) {
    let claims = Arc::new(Records::default());
    let hook = {
        let (claims, folder, content) = (Arc::clone(&claims), folder.to_owned(), origin.content());
        move |moment, call, name: &str| {
            if moment == Moment::After
                && matches!(call, Call::Sync | Call::Rename)
                && name.contains("journal")
            {
                claims.note(&folder, &content);
            }
            Pass::Through
        }
    };
    let disk = HookedDisk::over(Arc::new(RealDirectory::open(folder).unwrap()), hook);
    (request(origin, folder, CONNECTIONS).storage(disk), claims)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_bytes_are_never_claimed_though_a_record_is_due_before_they_were_checked() {
    let origin = slow_with_digests()
        .fault(When::Only(2), Fault::Range(RangeLie::BodyShifted(1000)))
        .fault(When::Only(3), Fault::CutAfter(200_000))
        .start()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (request, claims) = watched(&origin, folder.path());
    let finished = crate::support::run(request).await.unwrap();
    assert_file_is(&finished.path, &origin.content());
    assert!(finished.bytes_discarded > 0, "nothing was wrong");
    let claims = claims.0.lock().unwrap();
    assert!(claims.len() >= 2, "only {} records", claims.len());
    for Claims { all, wrong } in &*claims {
        assert_eq!(*wrong, [], "of {all:?}");
    }
    let most = claims.iter().map(|claim| claim.all.bytes()).max();
    assert!(most > Some(SIZE_BYTES / 8), "what is right is claimed: {most:?}");
}

/// Of a transfer that is ended only what was checked is kept, and said to be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_checked_is_not_kept() {
    let origin = slow_with_digests()
        .fault(When::MidFile, Fault::Range(RangeLie::BodyShifted(1000)))
        .start()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (request, claims) = watched(&origin, folder.path());
    let transfer = request.start(Arc::new(Silent));
    origin
        .wait_until(|log| log.request_count() >= 4 && log.bytes_sent() > 400_000)
        .await
        .unwrap();
    transfer.handle().cancel();
    let error = tokio::time::timeout(Duration::from_secs(10), transfer.finished())
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(error.code(), ErrorCode::Cancelled);
    let claims = claims.0.lock().unwrap();
    let last = claims.last().expect("the end is recorded");
    assert_eq!(last.wrong, [], "of {:?}", last.all);
    assert!(last.all.bytes() > 0, "what the probe brought is kept");
}
