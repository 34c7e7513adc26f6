//! Any method of `kaiban.v1` by its descriptor: requests and answers are JSON, so that a new method needs no code.

use std::sync::OnceLock;

use kaiban_api::Channel;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, MethodDescriptor};
use serde_json::Value;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

/// A method of a service.
pub struct Method {
    /// `CaseService/GetCase`.
    pub short: String,
    descriptor: MethodDescriptor,
}

/// What came of a call.
pub enum Outcome {
    /// The first message of the answer.
    Answered(Value),
    /// Refused for what it asked, not for who asked.
    Refused { reason: String },
    /// The role may not.
    Denied,
    /// Not there, or not to be seen: what was said.
    Hidden(String),
}

/// All methods of `kaiban.v1`.
pub fn methods() -> Vec<Method> {
    static POOL: OnceLock<DescriptorPool> = OnceLock::new();
    let pool = POOL.get_or_init(|| DescriptorPool::decode(kaiban_api::FILE_DESCRIPTOR_SET).expect("descriptors"));
    let services = pool.services().filter(|service| service.parent_file().package_name() == "kaiban.v1");
    let methods = services.flat_map(|service| service.methods().collect::<Vec<_>>());
    methods
        .map(|descriptor| {
            let short = format!("{}/{}", descriptor.parent_service().name(), descriptor.name());
            Method { short, descriptor }
        })
        .collect()
}

impl Method {
    /// Sends the messages and takes the first answer; on the wire a unary call is a stream of one.
    pub async fn call(&self, line: Channel, messages: Vec<Value>) -> Outcome {
        let (input, output) = (self.descriptor.input(), self.descriptor.output());
        let messages: Vec<DynamicMessage> = messages
            .into_iter()
            .map(|message| DynamicMessage::deserialize(input.clone(), message).expect("a request of the contract"))
            .collect();
        let path = format!("/{}/{}", self.descriptor.parent_service().full_name(), self.descriptor.name());
        let mut grpc = tonic::client::Grpc::new(line);
        grpc.ready().await.expect("a connection");
        let request = Request::new(tokio_stream::iter(messages));
        let answer = async {
            let answer = grpc.streaming(request, path.parse().expect("a path"), Dynamic(output)).await?;
            answer.into_inner().message().await
        };
        match answer.await {
            Ok(answer) => {
                answered(answer.map(|answer| serde_json::to_value(&answer).expect("JSON")).unwrap_or_default())
            }
            Err(status) => refused(status.code(), &reason(&status), format!("{:?} {}", status.message(), hex(&status))),
        }
    }
}

/// A batch answers its one item for itself.
fn answered(answer: Value) -> Outcome {
    let error = &answer["replies"][0]["error"];
    if error.is_null() {
        return Outcome::Answered(answer);
    }
    let code = Code::from_i32(error["code"].as_i64().and_then(|code| i32::try_from(code).ok()).unwrap_or(0));
    refused(code, error["reason"].as_str().unwrap_or_default(), error.to_string())
}

fn refused(code: Code, reason: &str, said: String) -> Outcome {
    assert_ne!(code, Code::Unauthenticated, "the token is good: {said}");
    match reason {
        "ROLE_NOT_ALLOWED" => {
            assert_eq!(code, Code::PermissionDenied);
            Outcome::Denied
        }
        "NOT_FOUND" => {
            assert_eq!(code, Code::NotFound);
            Outcome::Hidden(said)
        }
        reason => Outcome::Refused { reason: reason.to_owned() },
    }
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

fn hex(status: &Status) -> String {
    status.details().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Messages that only their descriptors know.
struct Dynamic(MessageDescriptor);

impl Codec for Dynamic {
    type Encode = DynamicMessage;
    type Decode = DynamicMessage;
    type Encoder = Writer;
    type Decoder = Dynamic;

    fn encoder(&mut self) -> Writer {
        Writer
    }

    fn decoder(&mut self) -> Dynamic {
        Dynamic(self.0.clone())
    }
}

struct Writer;

impl Encoder for Writer {
    type Item = DynamicMessage;
    type Error = Status;

    fn encode(&mut self, item: DynamicMessage, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        item.encode(into).map_err(|error| Status::internal(error.to_string()))
    }
}

impl Decoder for Dynamic {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        let message = DynamicMessage::decode(self.0.clone(), from);
        message.map(Some).map_err(|error| Status::internal(error.to_string()))
    }
}
