//! `kaiban health`: what a load balancer, a container or a person asks first.

use serde_json::json;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;

/// Which server.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    remote: Remote,
}

/// Goes well only where the server takes calls.
pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let mut client = HealthClient::new(args.remote.client().await?.line());
    let status = client.check(HealthCheckRequest::default()).await?.into_inner().status();
    let name = status.as_str_name();
    if status != ServingStatus::Serving {
        let zh = format!("服务当前不受理调用（{name}）。");
        return Err(Failure::local("NOT_SERVING", zh, format!("the server takes no calls ({name})")));
    }
    output.result(&json!({"status": name}), || name.to_owned())
}
