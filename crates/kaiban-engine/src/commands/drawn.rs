//! A draw was held: the step that waited for it is done, chosen or not.

use kaiban_definition::Work;
use serde_json::Value;

use crate::case::StepState;
use crate::command::Filed;
use crate::event::Event;
use crate::outlook::{Halt, Outlook};
use crate::rejection::Rejection;

pub(super) fn decide<'a>(outlook: &mut Outlook<'a>, step: &'a str, result: &'a Filed) -> Result<(), Rejection> {
    outlook.open()?;
    let def = outlook.def.step(step).ok_or_else(|| Rejection::UnknownStep(step.to_owned()))?;
    if outlook.state(step) != StepState::Waiting || !matches!(def.work, Work::Draw { .. }) {
        return Err(Rejection::NotWaiting { step: step.to_owned() });
    }
    let draw = result.content.get("draw").and_then(Value::as_str);
    let drawn = result.content.get("drawn").and_then(Value::as_bool);
    let (Some(draw), Some(drawn)) = (draw, drawn) else { return Err(Rejection::ResultMismatch { required: true }) };
    outlook.events.push(Event::Drawn { step: step.to_owned(), draw: draw.to_owned(), drawn });
    outlook.done_with(step, &result.digest)?;
    outlook.result = Some((step, result));
    outlook.progress()
}

impl Outlook<'_> {
    /// A step waits for the next draw; where its class of risk is not one capital letter, a person has to look at it. The
    /// journal keeps the class for ever.
    pub fn await_draw(
        &mut self,
        step: &kaiban_definition::Step,
        branch: &str,
        pool: &str,
        stratum: Option<&str>,
    ) -> Result<(), Halt> {
        let form = self.form_value().ok_or(Rejection::DocumentMissing)?;
        let class = match stratum {
            Some(stratum) => form.pointer(stratum).and_then(Value::as_str).ok_or(Halt::Undecidable)?,
            None => "A",
        };
        if !matches!(class.as_bytes(), [b'A'..=b'Z']) {
            return Err(Halt::Undecidable);
        }
        let event = Event::DrawAwaited {
            step: branch.to_owned(),
            calendar: self.calendar()?.id().to_owned(),
            counted: step.counts,
            pool: pool.to_owned(),
            stratum: class.to_owned(),
        };
        self.turn(branch, StepState::Waiting, event);
        Ok(())
    }
}
