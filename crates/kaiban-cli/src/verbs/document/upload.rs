//! `kaiban document upload`

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use kaiban_api::v1;
use kaiban_api::v1::upload_document_request::Part;
use sha2::{Digest, Sha256};

use super::{at, shown};
use crate::failure::Failure;
use crate::json;
use crate::output::Output;
use crate::remote::Remote;

/// Bytes of a chunk.
const CHUNK: usize = 64 * 1024;

#[derive(clap::Args)]
pub struct Args {
    /// The file: PDF, JPEG, PNG or OFD, at most 20 MiB.
    file: PathBuf,
    /// What to call it, if not as the file is called.
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let own = || args.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (size, sha256) = measure(&args.file).map_err(|error| at(&args.file, &error))?;
    let header =
        v1::UploadHeader { name: args.name.clone().unwrap_or_else(own), media_type: String::new(), size, sha256 };
    let mut file = File::open(&args.file).map_err(|error| at(&args.file, &error))?;
    // A file that changes or cannot be read any more does not have the digest that was said: the server refuses it.
    let chunks = std::iter::from_fn(move || read(&mut file).ok().flatten()).map(Part::Chunk);
    let parts = std::iter::once(Part::Header(header)).chain(chunks);
    let messages = futures::stream::iter(parts.map(|part| v1::UploadDocumentRequest { part: Some(part) }));
    let uploaded = args.remote.documents().await?.upload_document(messages).await?.into_inner();
    let document = uploaded.document.unwrap_or_default();
    output.result(&json::of("Document", &document)?, || shown(&document))
}

/// Size and digest of a file.
fn measure(path: &Path) -> std::io::Result<(i64, String)> {
    let mut file = File::open(path)?;
    let (mut size, mut hasher) = (0, Sha256::new());
    while let Some(chunk) = read(&mut file)? {
        size += chunk.len() as i64;
        hasher.update(&chunk);
    }
    Ok((size, hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
}

fn read(file: &mut File) -> std::io::Result<Option<prost::bytes::Bytes>> {
    let mut chunk = Vec::with_capacity(CHUNK);
    let count = file.take(CHUNK as u64).read_to_end(&mut chunk)?;
    Ok((count > 0).then(|| chunk.into()))
}
