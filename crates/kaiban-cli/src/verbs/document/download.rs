//! `kaiban document download`

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use kaiban_api::v1;
use kaiban_api::v1::document_service_client::DocumentServiceClient;
use kaiban_api::v1::download_document_response::Part;
use sha2::{Digest, Sha256};

use super::{at, shown};
use crate::failure::Failure;
use crate::json;
use crate::output::Output;
use crate::remote::Remote;

#[derive(clap::Args)]
pub struct Args {
    /// The document: sha256:….
    digest: String,
    /// Where to write it. Until it is whole it is called FILE.part.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// The case that refers to it, where it is not your own upload.
    #[arg(long, value_name = "CASE")]
    case: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let mut part_name = args.to.clone().into_os_string();
    part_name.push(".part");
    let part_path = PathBuf::from(part_name);
    let (offset, mut hasher) = begun(&part_path).map_err(|error| at(&part_path, &error))?;
    let mut file =
        File::options().create(true).append(true).open(&part_path).map_err(|error| at(&part_path, &error))?;

    let case_id = args.case.unwrap_or_default();
    let request = v1::DownloadDocumentRequest { digest: args.digest.clone(), case_id, offset };
    let mut documents = DocumentServiceClient::new(args.remote.client().await?.line());
    let mut messages = documents.download_document(request).await?.into_inner();
    let mut document = v1::Document::default();
    while let Some(message) = messages.message().await? {
        match message.part {
            Some(Part::Header(header)) => document = header,
            Some(Part::Chunk(chunk)) => {
                hasher.update(&chunk);
                file.write_all(&chunk).map_err(|error| at(&part_path, &error))?;
            }
            None => {}
        }
    }
    let hex: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if args.digest != format!("sha256:{hex}") {
        // What is there is of no use; the next try begins anew.
        drop(std::fs::remove_file(&part_path));
        return Err(Failure::local(
            "DIGEST_MISMATCH",
            "收到的内容与 digest 不符，请重新下载。",
            "the content is not the one that the digest names: download it again",
        ));
    }
    file.sync_all().map_err(|error| at(&part_path, &error))?;
    std::fs::rename(&part_path, &args.to).map_err(|error| at(&args.to, &error))?;
    output.result(&json::of("Document", &document)?, || shown(&document))
}

/// How much an earlier try has left, and the digest so far.
fn begun(path: &Path) -> std::io::Result<(i64, Sha256)> {
    let mut hasher = Sha256::new();
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((0, hasher)),
        Err(error) => return Err(error),
    };
    let (mut size, mut buffer) = (0, vec![0; 64 * 1024]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((size, hasher)),
            count => {
                size += count as i64;
                hasher.update(&buffer[..count]);
            }
        }
    }
}
