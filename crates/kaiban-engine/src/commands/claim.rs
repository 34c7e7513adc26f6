//! Take a step's task in hand. The first hand-over of each offer is journalled with what was shared; later ones only
//! move the lease.

use crate::case::StepState;
use crate::event::Event;
use crate::material::Sheet;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

pub(super) fn decide(outlook: &mut Outlook<'_>, step: &str, holder: &str) -> Result<(), Rejection> {
    outlook.def.step(step).ok_or_else(|| Rejection::UnknownStep(step.to_owned()))?;
    match outlook.state(step) {
        StepState::Claimed => Ok(()),
        StepState::Offered => {
            let fields = Sheet::of(outlook.def, outlook.case, step, outlook.cx.documents)?.shared_fields();
            let event = Event::TaskHandedOver { step: step.to_owned(), holder: holder.to_owned(), fields };
            outlook.turn(step, StepState::Claimed, event);
            Ok(())
        }
        _ => Err(Rejection::NotClaimable { step: step.to_owned() }),
    }
}
