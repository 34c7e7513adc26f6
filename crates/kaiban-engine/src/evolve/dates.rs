//! Dates that another calendar moves.

use crate::case::Case;
use crate::event::Moved;
use crate::rows::TimerKind;

impl Case {
    pub(super) fn move_date(&mut self, moved: &Moved) {
        if moved.kind == TimerKind::Reminder {
            let open =
                self.corrections.iter_mut().find(|correction| correction.step == moved.step && correction.is_open());
            if let Some(correction) = open {
                correction.remind_at_us = Some(moved.to_us);
            }
            return;
        }
        let run = self.run(&moved.step);
        match moved.kind {
            TimerKind::Deemed => run.deadline_us = Some(moved.to_us),
            TimerKind::Wait => run.again_at_us = Some(moved.to_us),
            TimerKind::Overdue => {
                let entry = run.overdue.iter_mut().find(|(index, _)| Some(*index) == moved.index);
                if let Some((_, at_us)) = entry {
                    *at_us = moved.to_us;
                }
                run.overdue.sort_by_key(|(index, at_us)| (*at_us, *index));
            }
            TimerKind::Reason => {
                if let Some(delay) = &mut run.delay {
                    delay.remind_at_us = Some(moved.to_us);
                }
            }
            TimerKind::Deferred | TimerKind::Retry | TimerKind::Reminder | TimerKind::Mark => {}
        }
    }
}
