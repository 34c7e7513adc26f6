//! Forms and results: JSON in kaiban, `google.protobuf.Struct` on the wire.
//!
//! A Struct knows only doubles. A whole number that a double holds exactly becomes a JSON integer, so that schemas may
//! ask for `integer`; on the way out a number that a double cannot hold is refused rather than rounded.

use std::collections::BTreeMap;

use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value as Wire};
use serde_json::{Map, Number, Value};

/// Deepest nesting of objects and lists. Protobuf decoders stop at a recursion of 100, which is three for each level.
pub const DEPTH_MAX: usize = 32;

/// Largest whole number up to which every whole number is a double: 2⁵³ - 1.
const WHOLE_MAX: f64 = 9_007_199_254_740_991.0;

/// Why a value cannot be carried over, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StructError {
    /// What is wrong: `TOO_DEEP`, `NOT_A_NUMBER`, `NO_VALUE`, `NUL_CHARACTER`, `NUMBER_TOO_LARGE` or `NOT_AN_OBJECT`.
    pub code: &'static str,
    /// JSON pointer (RFC 6901) to it.
    pub pointer: String,
}

impl std::fmt::Display for StructError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at \"{}\"", self.code, self.pointer)
    }
}

impl std::error::Error for StructError {}

/// A Struct as a JSON object.
///
/// # Errors
/// `TOO_DEEP` beyond [`DEPTH_MAX`], `NOT_A_NUMBER` for NaN and infinities, `NO_VALUE` for a value without a kind,
/// `NUL_CHARACTER` for U+0000 in a name or a text, which no database keeps.
pub fn from_struct(wire: Struct) -> Result<Value, StructError> {
    let mut pointer = Pointer::default();
    object(wire, &mut pointer).map_err(|code| pointer.error(code))
}

/// A JSON object as a Struct. What [`from_struct`] gave always goes back.
///
/// # Errors
/// `NOT_AN_OBJECT`, `TOO_DEEP` beyond [`DEPTH_MAX`], `NUMBER_TOO_LARGE` for a whole number that a double would round.
pub fn to_struct(value: &Value) -> Result<Struct, StructError> {
    let mut pointer = Pointer::default();
    match value {
        Value::Object(map) => fields(map, &mut pointer).map_err(|code| pointer.error(code)),
        _ => Err(pointer.error("NOT_AN_OBJECT")),
    }
}

/// Where the walk is; kept as it stands when it fails.
#[derive(Default)]
struct Pointer(Vec<String>);

impl Pointer {
    fn enter(&mut self, part: &str) -> Result<(), &'static str> {
        self.0.push(part.replace('~', "~0").replace('/', "~1"));
        if self.0.len() > DEPTH_MAX { Err("TOO_DEEP") } else { Ok(()) }
    }

    fn error(&self, code: &'static str) -> StructError {
        StructError { code, pointer: self.0.iter().flat_map(|part| ["/", part]).collect() }
    }
}

fn object(wire: Struct, pointer: &mut Pointer) -> Result<Value, &'static str> {
    let mut map = Map::with_capacity(wire.fields.len());
    for (name, value) in wire.fields {
        pointer.enter(&name)?;
        let name = text(name)?;
        map.insert(name, any(value, pointer)?);
        pointer.0.pop();
    }
    Ok(Value::Object(map))
}

fn any(wire: Wire, pointer: &mut Pointer) -> Result<Value, &'static str> {
    Ok(match wire.kind.ok_or("NO_VALUE")? {
        Kind::NullValue(_) => Value::Null,
        Kind::BoolValue(value) => Value::Bool(value),
        Kind::StringValue(value) => Value::String(text(value)?),
        Kind::NumberValue(value) => Value::Number(number(value)?),
        Kind::StructValue(value) => object(value, pointer)?,
        Kind::ListValue(ListValue { values }) => {
            let mut items = Vec::with_capacity(values.len());
            for (index, value) in values.into_iter().enumerate() {
                pointer.enter(&index.to_string())?;
                items.push(any(value, pointer)?);
                pointer.0.pop();
            }
            Value::Array(items)
        }
    })
}

fn text(text: String) -> Result<String, &'static str> {
    if text.contains('\0') { Err("NUL_CHARACTER") } else { Ok(text) }
}

fn number(value: f64) -> Result<Number, &'static str> {
    if value.fract() == 0.0 && value.abs() <= WHOLE_MAX {
        // Exact by the bound above.
        return Ok(Number::from(value as i64));
    }
    Number::from_f64(value).ok_or("NOT_A_NUMBER")
}

fn fields(map: &Map<String, Value>, pointer: &mut Pointer) -> Result<Struct, &'static str> {
    let mut fields = BTreeMap::new();
    for (name, value) in map {
        pointer.enter(name)?;
        fields.insert(name.clone(), wire(value, pointer)?);
        pointer.0.pop();
    }
    Ok(Struct { fields })
}

fn wire(value: &Value, pointer: &mut Pointer) -> Result<Wire, &'static str> {
    let kind = match value {
        Value::Null => Kind::NullValue(0),
        Value::Bool(value) => Kind::BoolValue(*value),
        Value::String(value) => Kind::StringValue(value.clone()),
        Value::Number(value) => Kind::NumberValue(double(value)?),
        Value::Object(map) => Kind::StructValue(fields(map, pointer)?),
        Value::Array(items) => {
            let mut values = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                pointer.enter(&index.to_string())?;
                values.push(wire(item, pointer)?);
                pointer.0.pop();
            }
            Kind::ListValue(ListValue { values })
        }
    };
    Ok(Wire { kind: Some(kind) })
}

fn double(number: &Number) -> Result<f64, &'static str> {
    let value = number.as_f64().ok_or("NUMBER_TOO_LARGE")?;
    let whole = number.is_i64() || number.is_u64();
    if whole && value.abs() > WHOLE_MAX { Err("NUMBER_TOO_LARGE") } else { Ok(value) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn one(kind: Option<Kind>) -> Struct {
        Struct { fields: [("a/b".to_owned(), Wire { kind })].into() }
    }

    #[test]
    fn a_form_comes_back_as_it_was() {
        let form = json!({
            "name": "福州样例贸易有限公司",
            "capital": 1_000_000,
            "share": 0.255,
            "below": -3,
            "paper": true,
            "nothing": null,
            "people": [{"name": "张三", "roles": ["legal", "finance"]}, []],
            "largest": 9_007_199_254_740_991_i64,
        });
        assert_eq!(from_struct(to_struct(&form).unwrap()).unwrap(), form);
    }

    #[test]
    fn whole_doubles_are_integers() {
        let value = from_struct(one(Some(Kind::NumberValue(-0.0)))).unwrap();
        assert_eq!(value, json!({"a/b": 0}));
        let value = from_struct(one(Some(Kind::NumberValue(1e300)))).unwrap();
        assert_eq!(value, json!({"a/b": 1e300}));
    }

    #[test]
    fn what_json_cannot_say_is_refused_where_it_is() {
        let refused = |kind| from_struct(one(kind)).unwrap_err();
        let at = |code| StructError { code, pointer: "/a~1b".to_owned() };
        assert_eq!(refused(Some(Kind::NumberValue(f64::NAN))), at("NOT_A_NUMBER"));
        assert_eq!(refused(Some(Kind::NumberValue(f64::INFINITY))), at("NOT_A_NUMBER"));
        assert_eq!(refused(None), at("NO_VALUE"));
        assert_eq!(refused(Some(Kind::StringValue("a\0".into()))), at("NUL_CHARACTER"));
    }

    #[test]
    fn what_a_double_cannot_hold_is_refused() {
        assert_eq!(to_struct(&json!({"n": 9_007_199_254_740_993_i64})).unwrap_err().code, "NUMBER_TOO_LARGE");
        assert_eq!(to_struct(&json!([])).unwrap_err().code, "NOT_AN_OBJECT");
    }

    #[test]
    fn the_deepest_form_goes_through_a_decoder_and_one_deeper_is_refused() {
        use prost::Message;

        let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!({ "a": inner }));
        let deepest = to_struct(&nested(DEPTH_MAX)).unwrap();
        let completion = crate::v1::TaskCompletion { result: Some(deepest.clone()), ..Default::default() };
        let message =
            crate::v1::WorkTasksRequest { message: Some(crate::v1::work_tasks_request::Message::Complete(completion)) };
        let decoded = crate::v1::WorkTasksRequest::decode(message.encode_to_vec().as_slice()).unwrap();
        assert_eq!(decoded, message);
        assert_eq!(from_struct(deepest).unwrap(), nested(DEPTH_MAX));
        assert_eq!(to_struct(&nested(DEPTH_MAX + 1)).unwrap_err().code, "TOO_DEEP");
    }
}
