use std::time::{Duration, UNIX_EPOCH};

use kaiban_files::Files;

use crate::samples::png;
use crate::{hand_in, named, tree};

#[tokio::test]
async fn what_a_killed_server_left_is_swept_once_it_is_old() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::folder(folder.path()).unwrap();
    assert_eq!(files.sweep(i64::MAX).await.unwrap(), 0, "nothing was ever begun");
    let kept = hand_in(&files, "t", named("a.png"), &png(1, 1)).await.unwrap().digest;
    // Half an upload, and a whole one that its server did not live to judge.
    for (name, at_s) in [("abc#1", 100), ("abc", 100), ("def#1", 200)] {
        let path = folder.path().join("incoming").join(name);
        std::fs::write(&path, "half").unwrap();
        std::fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(UNIX_EPOCH + Duration::from_secs(at_s))
            .unwrap();
    }
    assert_eq!(files.sweep(150 * 1_000_000).await.unwrap(), 2);
    assert_eq!(tree(&folder.path().join("incoming")), ["def#1"], "another server may be at it");
    assert!(files.has(&kept).await.unwrap());
}
