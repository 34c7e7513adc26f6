//! Compiles `proto/` without a protoc to install, and keeps the descriptor set for reflection.

use std::error::Error;
use std::path::PathBuf;

use prost::Message;

const PROTO: &str = "../../proto";
const FILES: [&str; 12] = [
    "common",
    "case_service",
    "task_service",
    "document_service",
    "incident_service",
    "workflow_service",
    "admin_service",
    "audit_service",
    "draw_service",
    "certificate",
    "commitment_service",
    "credit_service",
];

/// Messages whose bytes are handed on without being copied.
const BYTES: [&str; 2] = [".kaiban.v1.UploadDocumentRequest", ".kaiban.v1.DownloadDocumentResponse"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={PROTO}");
    let files = FILES.map(|name| format!("{PROTO}/kaiban/v1/{name}.proto"));
    let descriptors = protox::compile(files, [PROTO])?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("kaiban.v1.binpb");
    std::fs::write(out, descriptors.encode_to_vec())?;
    let builder = tonic_prost_build::configure();
    BYTES.iter().fold(builder, |builder, message| builder.bytes(message)).compile_fds(descriptors)?;
    Ok(())
}
