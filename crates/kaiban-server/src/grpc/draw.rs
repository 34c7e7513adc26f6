//! `kaiban.v1.DrawService`.

use kaiban_api::v1;
use kaiban_api::v1::draw_service_server::DrawService;
use tonic::{Request, Response, Status};

use super::{Api, open};
use crate::map::draw;
use crate::refuse::status;

#[tonic::async_trait]
impl DrawService for Api {
    async fn announce_draw(
        &self,
        request: Request<v1::AnnounceDrawRequest>,
    ) -> Result<Response<v1::AnnounceDrawResponse>, Status> {
        let (who, message) = open(request)?;
        let wanted = draw::announce(message, &self.limits).map_err(status)?;
        let view = self.app.announce_draw(&who, wanted).await.map_err(status)?;
        Ok(Response::new(v1::AnnounceDrawResponse { draw: Some(draw::present(view)) }))
    }

    async fn commit_seed(
        &self,
        request: Request<v1::CommitSeedRequest>,
    ) -> Result<Response<v1::CommitSeedResponse>, Status> {
        let (who, message) = open(request)?;
        let wanted = draw::commit(message, &self.limits).map_err(status)?;
        let view = self.app.commit_seed(&who, wanted).await.map_err(status)?;
        Ok(Response::new(v1::CommitSeedResponse { draw: Some(draw::present(view)) }))
    }

    async fn freeze_draw(
        &self,
        request: Request<v1::FreezeDrawRequest>,
    ) -> Result<Response<v1::FreezeDrawResponse>, Status> {
        let (who, v1::FreezeDrawRequest { request_id, draw_id }) = open(request)?;
        let wanted = draw::on(request_id, draw_id, &self.limits).map_err(status)?;
        let view = self.app.freeze_draw(&who, wanted).await.map_err(status)?;
        Ok(Response::new(v1::FreezeDrawResponse { draw: Some(draw::present(view)) }))
    }

    async fn reveal_seed(
        &self,
        request: Request<v1::RevealSeedRequest>,
    ) -> Result<Response<v1::RevealSeedResponse>, Status> {
        let (who, message) = open(request)?;
        let wanted = draw::reveal(message, &self.limits).map_err(status)?;
        let view = self.app.reveal_seed(&who, wanted).await.map_err(status)?;
        Ok(Response::new(v1::RevealSeedResponse { draw: Some(draw::present(view)) }))
    }

    async fn publish_value(
        &self,
        request: Request<v1::PublishValueRequest>,
    ) -> Result<Response<v1::PublishValueResponse>, Status> {
        let (who, message) = open(request)?;
        let wanted = draw::publish(message, &self.limits).map_err(status)?;
        let view = self.app.publish_value(&who, wanted).await.map_err(status)?;
        Ok(Response::new(v1::PublishValueResponse { draw: Some(draw::present(view)) }))
    }

    async fn hold_draw(&self, request: Request<v1::HoldDrawRequest>) -> Result<Response<v1::HoldDrawResponse>, Status> {
        let (who, v1::HoldDrawRequest { request_id, draw_id }) = open(request)?;
        let wanted = draw::on(request_id, draw_id, &self.limits).map_err(status)?;
        let view = self.app.hold_draw(&who, wanted).await.map_err(status)?;
        Ok(Response::new(v1::HoldDrawResponse { draw: Some(draw::present(view)) }))
    }

    async fn get_draw(&self, request: Request<v1::GetDrawRequest>) -> Result<Response<v1::GetDrawResponse>, Status> {
        let (who, message) = open(request)?;
        let id = draw::get(message, &self.limits).map_err(status)?;
        let record = self.app.get_draw(&who, &id).await.map_err(status)?;
        Ok(Response::new(draw::record(record)))
    }

    async fn list_draws(
        &self,
        request: Request<v1::ListDrawsRequest>,
    ) -> Result<Response<v1::ListDrawsResponse>, Status> {
        let (who, message) = open(request)?;
        let wanted = draw::list(message, &self.limits).map_err(status)?;
        let page = self.app.list_draws(&who, wanted).await.map_err(status)?;
        let draws = page.draws.into_iter().map(draw::present).collect();
        Ok(Response::new(v1::ListDrawsResponse { draws, next_page_token: page.next }))
    }

    async fn list_pools(
        &self,
        request: Request<v1::ListPoolsRequest>,
    ) -> Result<Response<v1::ListPoolsResponse>, Status> {
        let (who, _) = open(request)?;
        let pools = self.app.list_pools(&who).await.map_err(status)?;
        Ok(Response::new(v1::ListPoolsResponse { pools: pools.into_iter().map(draw::pool).collect() }))
    }
}
