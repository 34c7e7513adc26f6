//! Dates and conditions as people read them.

use jiff::civil::Date;
use kaiban_findings::Text;

use crate::rules::Condition;

/// `2026年3月31日`; in English a date stands as `2026-03-31`.
pub fn day_zh(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// A condition as part of a list.
pub fn condition(condition: Condition) -> Text {
    match condition {
        Condition::MinimumOver => Text::new("最短公示期届满", "the minimum span is over"),
        Condition::Corrected => {
            Text::new("失信行为已纠正、相关义务已履行完毕", "the act is corrected and every duty fulfilled")
        }
        Condition::PublicPromise => Text::new("公开作出信用承诺", "a public credit promise is given"),
    }
}
