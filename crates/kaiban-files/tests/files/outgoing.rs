use futures::TryStreamExt;
use kaiban_files::{CHUNK_BYTES, Digest, Files, FilesError};

use crate::samples::pdf;
use crate::{hand_in, named, read, tree};

#[tokio::test]
async fn reading_may_begin_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    for files in [Files::memory(), Files::folder(folder.path()).unwrap()] {
        let content = pdf(300_000);
        let digest = hand_in(&files, "t", named("a.pdf"), &content).await.unwrap().digest;
        let size = content.len() as u64;
        for offset in [0, 1, CHUNK_BYTES as u64 - 1, CHUNK_BYTES as u64, size - 1, size] {
            assert_eq!(read(&files, &digest, offset).await.unwrap(), content[offset as usize..], "from {offset}");
        }
        assert_eq!(read(&files, &digest, size + 1).await, Err(FilesError::NotThere));
    }
}

#[tokio::test]
async fn chunks_have_one_size() {
    let folder = tempfile::tempdir().unwrap();
    for files in [Files::memory(), Files::folder(folder.path()).unwrap()] {
        let digest = hand_in(&files, "t", named("a.pdf"), &pdf(150_000)).await.unwrap().digest;
        let (size, content) = files.open(&digest, 0).await.unwrap();
        let lengths: Vec<usize> = content.map_ok(|chunk| chunk.len()).try_collect().await.unwrap();
        let last = size as usize - 2 * CHUNK_BYTES;
        assert_eq!(lengths, [CHUNK_BYTES, CHUNK_BYTES, last]);
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_there() {
    let files = Files::memory();
    let digest = Digest::from([7; 32]);
    assert!(!files.has(&digest).await.unwrap());
    assert_eq!(read(&files, &digest, 0).await, Err(FilesError::NotThere));
}

#[tokio::test]
async fn what_rots_on_the_disk_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::folder(folder.path()).unwrap();
    let mut content = pdf(100_000);
    let digest = hand_in(&files, "t", named("a.pdf"), &content).await.unwrap().digest;
    content[5_000] ^= 1;
    std::fs::write(folder.path().join(&tree(folder.path())[0]), &content).unwrap();
    assert_eq!(read(&files, &digest, 0).await, Err(FilesError::Corrupt));
}
