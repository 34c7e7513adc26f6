use bytes::Bytes;
use kaiban_files::{Declared, Files, FilesError, MediaType};

use crate::samples::{jpeg, ofd, pdf, png};
use crate::{MAX, hand_in, named, read, tree};

#[tokio::test]
async fn a_file_is_named_by_its_content() {
    let folder = tempfile::tempdir().unwrap();
    for files in [Files::memory(), Files::folder(folder.path().join("files")).unwrap()] {
        let content = pdf(700_000);
        let received = hand_in(&files, "t1", named("合同.pdf"), &content).await.unwrap();
        assert_eq!((received.size, received.media_type), (content.len() as u64, MediaType::Pdf));
        assert!(!received.known);
        assert_eq!(read(&files, &received.digest, 0).await.unwrap(), content);
        assert!(files.has(&received.digest).await.unwrap());
    }
    let found = tree(folder.path());
    let [only] = found.as_slice() else { panic!("{found:?}") };
    let hex = only.rsplit('/').next().unwrap();
    assert_eq!(*only, format!("files/{}/{}/{hex}", &hex[..2], &hex[2..4]));
}

#[tokio::test]
async fn a_server_without_a_place_for_files_takes_none() {
    let refused = hand_in(&Files::nowhere(), "t", named("a.png"), &png(1, 1)).await;
    assert_eq!(refused, Err(FilesError::NotKept));
}

#[tokio::test]
async fn the_same_content_is_kept_once() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::folder(folder.path()).unwrap();
    let first = hand_in(&files, "t1", named("a.png"), &png(1, 1)).await.unwrap();
    let second = hand_in(&files, "t2", named("b.png"), &png(1, 1)).await.unwrap();
    assert_eq!(first.digest, second.digest);
    assert!(!first.known && second.known);
    assert_eq!(tree(folder.path()).len(), 1);
}

#[tokio::test]
async fn what_is_refused_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::folder(folder.path()).unwrap();
    let typed = |name: &str, media_type: &str| Declared { media_type: media_type.into(), ..named(name) };
    let sized = |size| Declared { size: Some(size), ..named("a.png") };
    let other = format!("sha256:{}", "0".repeat(64)).parse().unwrap();
    let size = png(1, 1).len() as u64;
    let cases: Vec<(Declared, Vec<u8>, FilesError)> = vec![
        (named("a.pdf"), Vec::new(), FilesError::Empty),
        (named("a.pdf"), pdf(MAX as usize), FilesError::TooLarge { max_bytes: MAX }),
        (sized(MAX + 1), png(1, 1), FilesError::TooLarge { max_bytes: MAX }),
        (named("a.exe"), b"MZ\x90\0".repeat(99), FilesError::TypeNotAllowed),
        (named("a.pdf"), jpeg(), FilesError::NameLies { content: MediaType::Jpeg }),
        (typed("a.ofd", "image/png"), ofd(), FilesError::NameLies { content: MediaType::Ofd }),
        (sized(size + 1), png(1, 1), FilesError::SizeMismatch { declared_bytes: size + 1, bytes: size }),
        (sized(size - 1), png(1, 1), FilesError::SizeMismatch { declared_bytes: size - 1, bytes: size }),
        (Declared { digest: Some(other), ..named("a.png") }, png(1, 1), FilesError::DigestMismatch),
    ];
    for (declared, content, error) in cases {
        assert_eq!(hand_in(&files, "t", declared, &content).await, Err(error));
        assert_eq!(tree(folder.path()), Vec::<String>::new());
    }
}

#[test]
fn what_breaks_off_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let files = Files::folder(folder.path()).unwrap();
    let half = |ticket: &'static str| async {
        let mut incoming = files.receive(ticket, named("a.pdf"), MAX).await.unwrap();
        incoming.push(Bytes::from(vec![b'%'; 600_000])).await.unwrap();
        incoming
    };
    let (given_up, dropped) = runtime.block_on(async { (half("t1").await, half("t2").await) });
    assert_eq!(tree(folder.path()).len(), 2, "on the disk already, and without a final name");
    runtime.block_on(given_up.abandon());
    // Without a runtime around it, a drop cannot put off what it has to do.
    drop(dropped);
    assert_eq!(tree(folder.path()), Vec::<String>::new());
}
