//! A file, whole, over one and over many connections.

use gannet_testkit::Origin;

use crate::support::{assert_file_is, names_in, request, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_arrives_whole_over_any_number_of_connections() {
    for connections in [1, 4, 32] {
        let origin = Origin::builder().size(20_000_003).seed(7).start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let finished = run(request(&origin, folder.path(), connections)).await.unwrap();
        assert_file_is(&finished.path, &origin.content());
        assert_eq!(
            names_in(folder.path()),
            ["file.bin"],
            "nothing but the file is left"
        );
        assert_eq!(finished.bytes, 20_000_003);
    }
}
