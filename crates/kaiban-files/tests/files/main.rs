//! Taking files in and giving them out, from a folder and from memory.

mod incoming;
mod outgoing;
mod samples;
mod scanning;
mod sweeping;

use bytes::Bytes;
use futures::TryStreamExt;
use kaiban_files::{Declared, Digest, Files, FilesError, Received};

/// A bound for tests.
const MAX: u64 = 1 << 20;

fn named(name: &str) -> Declared {
    Declared { name: name.to_owned(), ..Declared::default() }
}

/// Hands in a file in chunks that fit nothing.
async fn hand_in(files: &Files, ticket: &str, declared: Declared, content: &[u8]) -> Result<Received, FilesError> {
    let mut incoming = files.receive(ticket, declared, MAX).await?;
    for chunk in content.chunks(10_007) {
        if let Err(error) = incoming.push(Bytes::copy_from_slice(chunk)).await {
            incoming.abandon().await;
            return Err(error);
        }
    }
    incoming.finish().await
}

async fn read(files: &Files, digest: &Digest, offset: u64) -> Result<Vec<u8>, FilesError> {
    let (_, content) = files.open(digest, offset).await?;
    content
        .try_fold(Vec::new(), |mut all, chunk| async move {
            all.extend_from_slice(&chunk);
            Ok(all)
        })
        .await
}

/// Every file below a folder, by its path from there.
fn tree(folder: &std::path::Path) -> Vec<String> {
    fn walk(root: &std::path::Path, folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                found.push(path.strip_prefix(root).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, folder, &mut found);
    found.sort();
    found
}
