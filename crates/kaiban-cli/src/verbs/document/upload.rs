//! `kaiban document upload`

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use kaiban_api::v1::document_service_client::DocumentServiceClient;
use kaiban_api::v1::upload_document_request::Part;
use kaiban_api::{Channel, v1};
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
    /// The files: PDF, JPEG, PNG or OFD, each at most 20 MiB.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What to call it, if not as the file is called; for one file.
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

/// One after the other; the first that fails ends it, and what was handed in before stays.
pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    if args.files.len() > 1 && args.name.is_some() {
        let en = "--name is for one file; several are called as their files are";
        return Err(Failure::local("ONE_NAME", "--name 只能用于一个文件；多个文件各用其文件名。", en));
    }
    let mut client = DocumentServiceClient::new(args.remote.client().await?.line());
    for (place, path) in args.files.iter().enumerate() {
        let document = upload(&mut client, path, args.name.clone()).await?;
        let apart = if place == 0 { "" } else { "\n" };
        output.result(&json::of("Document", &document)?, || format!("{apart}{}", shown(&document)))?;
    }
    Ok(())
}

async fn upload(
    client: &mut DocumentServiceClient<Channel>,
    path: &Path,
    name: Option<String>,
) -> Result<v1::Document, Failure> {
    let own = || path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (size, sha256) = measure(path).map_err(|error| at(path, &error))?;
    let header = v1::UploadHeader { name: name.unwrap_or_else(own), media_type: String::new(), size, sha256 };
    let mut file = File::open(path).map_err(|error| at(path, &error))?;
    // A file that changes or cannot be read any more does not have the digest that was said: the server refuses it.
    let chunks = std::iter::from_fn(move || read(&mut file).ok().flatten()).map(Part::Chunk);
    let parts = std::iter::once(Part::Header(header)).chain(chunks);
    let messages = futures::stream::iter(parts.map(|part| v1::UploadDocumentRequest { part: Some(part) }));
    Ok(client.upload_document(messages).await?.into_inner().document.unwrap_or_default())
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
