use std::sync::Arc;
use std::time::Duration;

use kaiban_files::{Clamd, ClamdScanner, Files, FilesError};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UnixListener};

use crate::samples::pdf;
use crate::{hand_in, named, tree};

/// What a clamd understands as a virus here.
const SIGNATURE: &[u8] = b"abcdefgzzz-test-signature";

/// One conversation as clamd holds it: the command, the chunks, an answer; it takes no more than `max` bytes.
async fn serve(mut line: impl AsyncRead + AsyncWrite + Unpin, max: usize) {
    let mut command = [0; 10];
    line.read_exact(&mut command).await.unwrap();
    assert_eq!(&command, b"zINSTREAM\0");
    let mut content = Vec::new();
    loop {
        let length = line.read_u32().await.unwrap() as usize;
        if length == 0 {
            break;
        }
        if content.len() + length > max {
            line.write_all(b"INSTREAM size limit exceeded. ERROR\0").await.unwrap();
            return;
        }
        let from = content.len();
        content.resize(from + length, 0);
        line.read_exact(&mut content[from..]).await.unwrap();
    }
    let found = content.windows(SIGNATURE.len()).any(|window| window == SIGNATURE);
    let answer: &[u8] = if found { b"stream: Test-Signature FOUND\0" } else { b"stream: OK\0" };
    line.write_all(answer).await.unwrap();
}

fn scanned_by(files: Files, clamd: Clamd) -> Files {
    files.scanned_by(Arc::new(ClamdScanner { clamd, patience: Duration::from_secs(20) }))
}

/// A clamd for some conversations.
async fn clamd(conversations: usize, max: usize) -> Clamd {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for _ in 0..conversations {
            serve(listener.accept().await.unwrap().0, max).await;
        }
    });
    Clamd::Tcp(address.to_string())
}

#[tokio::test]
async fn the_scanner_has_a_say() {
    let folder = tempfile::tempdir().unwrap();
    let files = scanned_by(Files::folder(folder.path()).unwrap(), clamd(2, usize::MAX).await);
    let mut infected = pdf(200_000);
    infected[70_000..70_000 + SIGNATURE.len()].copy_from_slice(SIGNATURE);
    let refused = hand_in(&files, "t1", named("a.pdf"), &infected).await;
    assert_eq!(refused, Err(FilesError::Infected("Test-Signature".into())));
    assert_eq!(tree(folder.path()), Vec::<String>::new());
    hand_in(&files, "t2", named("a.pdf"), &pdf(200_000)).await.unwrap();
    // The clamd of this test is gone by now.
    let refused = hand_in(&files, "t3", named("a.pdf"), &pdf(200_001)).await;
    assert!(matches!(refused, Err(FilesError::ScannerUnavailable(_))), "{refused:?}");
    assert_eq!(tree(folder.path()).len(), 1);
}

#[tokio::test]
async fn a_scanner_that_had_enough_is_heard() {
    let files = scanned_by(Files::memory(), clamd(1, 100_000).await);
    let refused = hand_in(&files, "t", named("a.pdf"), &pdf(150_000)).await;
    let Err(FilesError::ScannerUnavailable(why)) = refused else { panic!("{refused:?}") };
    assert!(why.contains("size limit exceeded"), "{why}");
}

#[tokio::test]
async fn a_unix_socket_does_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clamd.ctl");
    let listener = UnixListener::bind(&path).unwrap();
    let serving = tokio::spawn(async move { serve(listener.accept().await.unwrap().0, usize::MAX).await });
    hand_in(&scanned_by(Files::memory(), Clamd::Unix(path)), "t", named("a.pdf"), &pdf(9)).await.unwrap();
    serving.await.unwrap();
}

#[tokio::test]
async fn nobody_waits_for_ever() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let clamd = Clamd::Tcp(listener.local_addr().unwrap().to_string());
    // It takes the call and says nothing.
    let scanner = ClamdScanner { clamd, patience: Duration::ZERO };
    let refused = hand_in(&Files::memory().scanned_by(Arc::new(scanner)), "t", named("a.pdf"), &pdf(9)).await;
    assert!(matches!(refused, Err(FilesError::ScannerUnavailable(_))), "{refused:?}");
}
