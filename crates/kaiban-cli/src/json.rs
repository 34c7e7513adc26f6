//! Answers as JSON: the canonical JSON of protobuf with the field names of `proto/`, 64-bit integers as numbers.

use std::sync::OnceLock;

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};
use serde_json::{Number, Value};

use crate::failure::Failure;

/// A message of `kaiban.v1` by its name, for example `Case`.
pub fn of<M: Message>(name: &str, message: &M) -> Result<Value, Failure> {
    static POOL: OnceLock<Option<DescriptorPool>> = OnceLock::new();
    let unknown =
        || Failure::local("DESCRIPTOR", "程序缺少接口描述。", format!("there is no message kaiban.v1.{name}"));
    let pool = POOL.get_or_init(|| DescriptorPool::decode(kaiban_api::FILE_DESCRIPTOR_SET).ok());
    let descriptor = pool.as_ref().and_then(|pool| pool.get_message_by_name(&format!("kaiban.v1.{name}")));
    let wrong = |error: &dyn std::fmt::Display| Failure::local("JSON", "结果无法写成 JSON。", error.to_string());
    let dynamic = DynamicMessage::decode(descriptor.ok_or_else(unknown)?, message.encode_to_vec().as_slice())
        .map_err(|error| wrong(&error))?;
    let options =
        SerializeOptions::new().use_proto_field_name(true).stringify_64_bit_integers(false).skip_default_fields(false);
    let value =
        dynamic.serialize_with_options(serde_json::value::Serializer, &options).map_err(|error| wrong(&error))?;
    Ok(whole(value))
}

/// Forms travel as doubles; a whole one is an integer again.
fn whole(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(whole).collect()),
        Value::Object(map) => Value::Object(map.into_iter().map(|(name, value)| (name, whole(value))).collect()),
        Value::Number(number) => Value::Number(match number.as_f64() {
            Some(value) if number.is_f64() && value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 => {
                Number::from(value as i64)
            }
            _ => number,
        }),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use kaiban_api::{duration, timestamp, to_struct, v1};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_case_is_written_with_the_names_of_the_contract() {
        let case = v1::Case {
            id: "20260302-7K3QX9M2RT-C".into(),
            state: v1::CaseState::Open.into(),
            received_at: Some(timestamp(1_772_413_200_000_000)),
            wall: Some(duration(90_000_000)),
            revision: 7,
            form: Some(to_struct(&json!({"capital": 100, "share": 0.5})).unwrap()),
            ..Default::default()
        };
        let value = of("Case", &case).unwrap();
        assert_eq!(value["state"], "CASE_STATE_OPEN");
        assert_eq!(value["received_at"], "2026-03-02T01:00:00Z");
        assert_eq!(value["wall"], "90s");
        assert_eq!(value["revision"], 7);
        assert_eq!(value["form"].to_string(), r#"{"capital":100,"share":0.5}"#);
        assert_eq!(value["outcome"], "");
    }
}
