//! `kaiban.v1.DocumentService`.

use std::sync::Arc;

use futures::StreamExt;
use kaiban_api::v1;
use kaiban_api::v1::document_service_server::DocumentService;
use kaiban_app::Refusal;
use kaiban_app::files::DocumentStream;
use tonic::{Request, Response, Status, Streaming};

use super::{Api, open};
use crate::caller::Caller;
use crate::map::document;
use crate::outbound::{Outbound, Outbox, outbound};
use crate::refuse::{self, status};
use crate::stopping::Stopping;

/// Chunks that wait for a reader.
const CHUNKS_AHEAD: usize = 4;

#[tonic::async_trait]
impl DocumentService for Api {
    async fn upload_document(
        &self,
        request: Request<Streaming<v1::UploadDocumentRequest>>,
    ) -> Result<Response<v1::UploadDocumentResponse>, Status> {
        let (who, mut messages) = open(request)?;
        let first = tokio::time::timeout(self.limits.open_max, messages.message()).await;
        let first = first.map_err(|_| refuse::too_late())?.map_err(|status| refuse::transport(status, &self.limits))?;
        let upload = document::header(first, &self.limits).map_err(status)?;
        // What the transport says goes to the caller as it is; the app only hears that it is over.
        let mut broken = None;
        let chunks = messages.map(|message| match message {
            Ok(message) => document::chunk(message),
            Err(status) => {
                broken = Some(status);
                Err(broke_off())
            }
        });
        let uploaded = tokio::select! {
            uploaded = self.app.upload(&who, upload, chunks) => uploaded,
            word = who.dismissed() => return Err(word),
        };
        if let Some(status) = broken {
            return Err(refuse::transport(status, &self.limits));
        }
        let document = document::present(uploaded.map_err(status)?);
        Ok(Response::new(v1::UploadDocumentResponse { document: Some(document) }))
    }

    type DownloadDocumentStream = Outbound<v1::DownloadDocumentResponse>;

    async fn download_document(
        &self,
        request: Request<v1::DownloadDocumentRequest>,
    ) -> Result<Response<Self::DownloadDocumentStream>, Status> {
        let (who, message) = open(request)?;
        let wanted = document::download(message, &self.limits).map_err(status)?;
        let found = self.app.download(&who, &wanted.digest, wanted.case.as_deref(), wanted.offset).await;
        let (header, content) = found.map_err(status)?;
        let header = v1::download_document_response::Part::Header(document::present(header));
        let (outbox, stream) = outbound(CHUNKS_AHEAD, self.limits.slow_reader_max);
        let stopping = self.stopping.clone();
        tokio::spawn(async move {
            let word = give(&who, header, content, &stopping, &outbox).await;
            outbox.end(word);
        });
        Ok(Response::new(stream))
    }

    async fn get_document(
        &self,
        request: Request<v1::GetDocumentRequest>,
    ) -> Result<Response<v1::GetDocumentResponse>, Status> {
        let (who, message) = open(request)?;
        let wanted = document::get(message, &self.limits).map_err(status)?;
        let found = self.app.document(&who, &wanted.digest, wanted.case.as_deref()).await.map_err(status)?;
        Ok(Response::new(v1::GetDocumentResponse { document: Some(document::present(found)) }))
    }

    async fn list_documents(
        &self,
        request: Request<v1::ListDocumentsRequest>,
    ) -> Result<Response<v1::ListDocumentsResponse>, Status> {
        let (who, message) = open(request)?;
        let case = document::list(message, &self.limits).map_err(status)?;
        let found = self.app.documents(&who, &case).await.map_err(status)?;
        Ok(Response::new(v1::ListDocumentsResponse { documents: found.into_iter().map(document::present).collect() }))
    }
}

/// Sends a document's header and content until one side has enough.
async fn give(
    who: &Arc<Caller>,
    header: v1::download_document_response::Part,
    mut content: DocumentStream,
    stopping: &Stopping,
    outbox: &Outbox<v1::DownloadDocumentResponse>,
) -> Result<(), Status> {
    let mut dismissed = std::pin::pin!(who.dismissed());
    outbox.send(v1::DownloadDocumentResponse { part: Some(header) }).await?;
    loop {
        tokio::select! {
            chunk = content.next() => match chunk {
                Some(Ok(chunk)) => {
                    let part = Some(v1::download_document_response::Part::Chunk(chunk));
                    outbox.send(v1::DownloadDocumentResponse { part }).await?;
                }
                Some(Err(refusal)) => return Err(status(refusal)),
                None => return Ok(()),
            },
            () = stopping.heard() => return Err(status(Refusal::stopping())),
            word = &mut dismissed => return Err(word),
            () = outbox.abandoned() => return Ok(()),
        }
    }
}

/// Said to the app where the transport has the real words.
fn broke_off() -> Refusal {
    Refusal::argument("UPLOAD_BROKE_OFF", "上传中断。", "The upload broke off.")
}
