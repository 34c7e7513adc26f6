//! What this crate has to say, in both languages.

use kaiban_findings::{Finding, Place};

use crate::ids::place;
use crate::record::{Cause, Void};
use crate::{CHECKERS_PER_ITEM_MAX, ID_BYTES_MAX, METHOD, PUBLIC_DIGITS_MIN, TEXT_MAX, codes};

fn error(code: &'static str, pointer: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Finding {
    Finding::error(code, place(pointer), zh, en)
}

// What is written

pub(crate) fn bad_id(at: impl Into<String>) -> Finding {
    let zh = format!("编号应当由 1 至 {ID_BYTES_MAX} 个可打印的 ASCII 字符组成，不含空格。");
    let en = format!("An id is 1 to {ID_BYTES_MAX} printable ASCII characters, no spaces.");
    error(codes::BAD_ID, at, zh, en)
}

pub(crate) fn bad_text(at: &str) -> Finding {
    let zh = format!("文字应当为 1 至 {TEXT_MAX} 个字符，不含控制字符。");
    let en = format!("A text has 1 to {TEXT_MAX} characters, none of them control characters.");
    error(codes::BAD_TEXT, at, zh, en)
}

pub(crate) fn duplicate(at: impl Into<String>) -> Finding {
    error(codes::DUPLICATE, at, "该编号在名单中重复出现。", "This id stands in the list twice.")
}

pub(crate) fn too_many(at: impl Into<String>, most: usize) -> Finding {
    error(codes::TOO_MANY, at, format!("最多 {most} 项。"), format!("There are at most {most} entries."))
}

pub(crate) fn not_sorted(at: impl Into<String>) -> Finding {
    let en = "The list is not in ascending order by bytes, as its hash demands.";
    error(codes::NOT_SORTED, at, "名单没有按字节升序排列，不符合计算哈希的要求。", en)
}

// Terms

pub(crate) fn bad_method() -> Finding {
    let zh = format!("抽取方法应当为 {METHOD}。");
    error(codes::BAD_METHOD, "/announcement/method", zh, format!("The method has to be {METHOD}."))
}

pub(crate) fn bad_share(at: impl Into<String>) -> Finding {
    error(codes::BAD_SHARE, at, "抽取比例应当在 0% 至 100% 之间。", "A share is between 0 and 100 percent.")
}

pub(crate) fn no_shares() -> Finding {
    let en = "No stratum has a share, so nothing could be drawn.";
    error(codes::NO_SHARES, "/announcement/shares", "没有规定任何层的抽取比例，无从抽取。", en)
}

pub(crate) fn bad_checkers() -> Finding {
    let zh = format!("每个对象最多抽取 {CHECKERS_PER_ITEM_MAX} 名检查人员。");
    let en = format!("At most {CHECKERS_PER_ITEM_MAX} checkers are drawn for an item.");
    error(codes::BAD_CHECKERS, "/announcement/checkers_per_item", zh, en)
}

pub(crate) fn bad_schedule(at: &str) -> Finding {
    let zh = "各时点的先后次序不对：公告、承诺截止、揭示截止、公共随机数公布、录入截止应当依次在后，抽取期间应当在揭示截止前结束。";
    let en = "The instants are out of order: announcement, end of commitments, end of reveals, publication of the public value, and its \
              entry follow each other, and the period ends before the reveals do.";
    error(codes::BAD_SCHEDULE, at, zh, en)
}

pub(crate) fn bad_form() -> Finding {
    let zh = format!("公共随机数的书写格式应当由 ASCII 字符组成，至少含 {PUBLIC_DIGITS_MIN} 位数字（9 或 f）。");
    let en = format!("The form of the public value is ASCII, with at least {PUBLIC_DIGITS_MIN} digits (9 or f).");
    error(codes::BAD_FORM, "/announcement/public_value/form", zh, en)
}

pub(crate) fn too_few_sources() -> Finding {
    let zh = "随机数来源不足：至少由两方各出一个随机数，或者由一方出随机数并事先指定一个公共随机数。";
    let en = "Randomness comes from at least two parties, or from one party and a public value named before.";
    error(codes::TOO_FEW_SOURCES, "/announcement/parties", zh, en)
}

pub(crate) fn party_withheld(index: usize) -> Finding {
    let zh = "该方在作废的上一次抽取中没有揭示随机数。本次抽取没有指定公共随机数，该方不得再次参加。";
    let en =
        "This party withheld its number in the void draw before; without a public value it cannot take part again.";
    error(codes::PARTY_WITHHELD, format!("/announcement/parties/{index}"), zh, en).with_help(
        "请指定一个在揭示截止之后公布的公共随机数，或者由其他单位参加。",
        "Name a public value that is published after the reveals, or let another party take part.",
    )
}

pub(crate) fn same_draw() -> Finding {
    let en = "A draw cannot follow itself: it needs an id of its own.";
    error(codes::SAME_DRAW, "/announcement/follows/draw", "抽取不能接续其本身，应当使用新的编号。", en)
}

// Any step

pub(crate) fn draw_over() -> Finding {
    error(codes::DRAW_OVER, "/end", "抽取已经结束，不能再更改。", "The draw has ended and cannot change any more.")
}

pub(crate) fn time_backwards(at: impl Into<String>) -> Finding {
    error(codes::TIME_BACKWARDS, at, "时间早于前一步骤。", "The instant is before that of the step before.")
}

pub(crate) fn unknown_party(at: impl Into<String>) -> Finding {
    error(codes::UNKNOWN_PARTY, at, "该单位不是本次抽取的参加方。", "This is no party of the draw.")
}

// Commitments

pub(crate) fn commitment_late(at: impl Into<String>) -> Finding {
    let en = "The time for commitments is over.";
    error(codes::COMMITMENT_LATE, at, "提交随机数承诺的期限已过。", en)
}

pub(crate) fn second_commitment(at: impl Into<String>) -> Finding {
    let en = "This party has committed already; a commitment cannot be replaced.";
    error(codes::SECOND_COMMITMENT, at, "该方已经提交随机数承诺，不得更换。", en)
}

pub(crate) fn commitment_missing(index: usize, party: &str) -> Finding {
    let zh = format!("{party} 尚未提交随机数承诺，不能冻结名单。");
    let en = format!("{party} has not committed yet; the pool cannot be frozen before.");
    error(codes::COMMITMENT_MISSING, format!("/announcement/parties/{index}"), zh, en)
}

// Freeze

pub(crate) fn freeze_early() -> Finding {
    let en = "The period is not over: what comes into the pool is not known yet.";
    error(codes::FREEZE_EARLY, "/frozen/at_us", "抽取期间尚未结束，对象名单还不完整，不能冻结。", en)
}

pub(crate) fn freeze_late() -> Finding {
    let en = "The time for reveals is over: the pool cannot be frozen any more.";
    error(codes::FREEZE_LATE, "/frozen/at_us", "揭示随机数的期限已过，不能再冻结名单。", en)
}

pub(crate) fn already_frozen() -> Finding {
    let en = "The pool and the roster are frozen already and cannot be replaced.";
    error(codes::ALREADY_FROZEN, "/frozen", "对象名单和检查人员名单已经冻结，不得更换。", en)
}

pub(crate) fn roster_changed() -> Finding {
    let zh = "检查人员名单与公告时的哈希不一致：名单在公告之后被改动。";
    let en = "The roster does not have the hash that was announced: it was changed after the announcement.";
    error(codes::ROSTER_CHANGED, "/frozen/roster", zh, en).with_help(
        "请使用公告时的名单；确需调整的，待本次抽取作废后以新名单另行公告。",
        "Use the roster of the announcement; if it has to change, let this draw lapse and announce another.",
    )
}

pub(crate) fn pool_changed() -> Finding {
    let zh = "对象名单与作废的上一次抽取不一致，重新抽取应当使用同一名单。";
    let en = "The pool is not that of the void draw before; a draw is repeated over the same pool.";
    error(codes::POOL_CHANGED, "/frozen/pool", zh, en)
}

pub(crate) fn unknown_stratum(at: impl Into<String>) -> Finding {
    let en = "No share was announced for this stratum.";
    error(codes::UNKNOWN_STRATUM, at, "公告中没有规定该层的抽取比例。", en)
}

pub(crate) fn too_few_checkers(at: impl Into<String>, needed: usize) -> Finding {
    let zh = format!("除去应当回避的人员，可以检查该对象的人员不足 {needed} 名。");
    let en = format!("After recusal fewer than {needed} of the roster may check this item.");
    error(codes::TOO_FEW_CHECKERS, at, zh, en)
}

pub(crate) fn not_frozen(at: &str) -> Finding {
    error(codes::NOT_FROZEN, at, "名单尚未冻结。", "The pool is not frozen yet.")
}

// Reveals

pub(crate) fn reveal_early(at: impl Into<String>) -> Finding {
    let zh = "名单尚未冻结，不得揭示随机数。";
    let en = "A number must not be shown before the pool is frozen.";
    error(codes::REVEAL_EARLY, at, zh, en)
}

pub(crate) fn reveal_late(at: impl Into<String>) -> Finding {
    error(codes::REVEAL_LATE, at, "揭示随机数的期限已过。", "The time for reveals is over.")
}

pub(crate) fn second_reveal(at: impl Into<String>) -> Finding {
    error(codes::SECOND_REVEAL, at, "该方已经揭示随机数。", "This party has shown its number already.")
}

pub(crate) fn reveal_wrong(at: impl Into<String>) -> Finding {
    let zh = "揭示的随机数与该方事先提交的承诺不符。";
    let en = "This number is not the one that the party committed to.";
    error(codes::REVEAL_WRONG, at, zh, en)
}

pub(crate) fn reveal_missing(index: usize, party: &str) -> Finding {
    let zh = format!("{party} 尚未揭示随机数。");
    let en = format!("{party} has not shown its number yet.");
    error(codes::REVEAL_MISSING, format!("/announcement/parties/{index}"), zh, en)
}

// Public value

pub(crate) fn no_value_named() -> Finding {
    let en = "The announcement names no public value.";
    error(codes::NO_VALUE_NAMED, "/public_value", "公告中没有指定公共随机数。", en)
}

pub(crate) fn value_early() -> Finding {
    let en = "The public value cannot be known yet.";
    error(codes::VALUE_EARLY, "/public_value/at_us", "未到公共随机数的公布时间。", en)
}

pub(crate) fn value_late() -> Finding {
    let en = "The time for entering the public value is over.";
    error(codes::VALUE_LATE, "/public_value/at_us", "录入公共随机数的期限已过。", en)
}

pub(crate) fn value_form() -> Finding {
    let en = "The public value is not written in the form that was announced.";
    error(codes::VALUE_FORM, "/public_value/value", "公共随机数的书写格式与公告不符。", en)
}

pub(crate) fn second_value() -> Finding {
    let en = "The public value has been entered already and cannot be replaced.";
    error(codes::SECOND_VALUE, "/public_value", "公共随机数已经录入，不得更换。", en)
}

pub(crate) fn value_missing() -> Finding {
    let en = "The public value has not been entered yet.";
    error(codes::VALUE_MISSING, "/announcement/public_value", "公共随机数尚未录入。", en)
}

// Void

pub(crate) fn not_due() -> Finding {
    let en = "No deadline has passed with something missing: the draw is not void.";
    error(codes::NOT_DUE, "/end/void/at_us", "没有逾期未完成的事项，本次抽取不能作废。", en)
}

pub(crate) fn void(void: &Void) -> Finding {
    let (zh_names, en_names) = (void.parties.join("、"), void.parties.join(", "));
    let (code, zh, en) = match void.cause {
        Cause::NeverCommitted => (
            codes::NEVER_COMMITTED,
            format!("{zh_names} 逾期未提交随机数承诺，本次抽取作废。"),
            format!("The draw is void: never committed by the deadline: {en_names}."),
        ),
        Cause::NeverFrozen => (
            codes::NEVER_FROZEN,
            "名单逾期未冻结，本次抽取作废。".into(),
            "The draw is void: the pool was never frozen.".into(),
        ),
        Cause::NeverRevealed => (
            codes::NEVER_REVEALED,
            format!("{zh_names} 逾期未揭示随机数，本次抽取作废。"),
            format!("The draw is void: never revealed by the deadline: {en_names}."),
        ),
        Cause::NoPublicValue => (
            codes::NO_PUBLIC_VALUE,
            "公共随机数逾期未录入，本次抽取作废。".into(),
            "The draw is void: the public value was never entered.".into(),
        ),
    };
    error(code, "/end/void", zh, en).with_help(
        "本次抽取不产生任何结果；请对同一名单另行公告抽取，各方重新提交承诺。",
        "It decides nothing; announce another draw over the same pool, for which all parties commit anew.",
    )
}

// Verification

pub(crate) fn unreadable(line: usize, column: usize) -> Finding {
    let zh = format!("不是 {METHOD} 的抽取记录（第 {line} 行第 {column} 列）。");
    let en = format!("This is no record of {METHOD} (line {line}, column {column}).");
    Finding::error(codes::UNREADABLE, Place::Whole, zh, en)
}

pub(crate) fn not_as_written() -> Finding {
    let zh = "记录的写法不合规定：没有内容的成员应当省略。";
    let en = "The record is not written as it should be: members without content are left out.";
    Finding::error(codes::UNREADABLE, Place::Whole, zh, en)
}

pub(crate) fn hash_differs(at: &str) -> Finding {
    let zh = "公布的哈希与按公布内容重新计算的结果不一致。";
    let en = "The published hash is not that of what was published.";
    error(codes::HASH_DIFFERS, at, zh, en)
}

pub(crate) fn seed_differs() -> Finding {
    let zh = "种子与按各方随机数重新计算的结果不一致。";
    let en = "The seed does not follow from the published numbers.";
    error(codes::SEED_DIFFERS, "/end/held/seed", zh, en)
}

pub(crate) fn count_differs(at: String) -> Finding {
    let zh = "该层的数量与按名单和比例重新计算的结果不一致。";
    let en = "The counts of this stratum do not follow from the pool and its share.";
    error(codes::COUNT_DIFFERS, at, zh, en)
}

pub(crate) fn should_be_drawn(index: usize) -> Finding {
    let zh = "按公布的种子，该对象应当被抽中，但结果中没有。";
    let en = "By the published seed this item is drawn, but the result does not list it.";
    error(codes::SHOULD_BE_DRAWN, format!("/frozen/pool/{index}"), zh, en)
}

pub(crate) fn should_not_be_drawn(index: usize) -> Finding {
    let zh = "按公布的种子，该对象不应被抽中。";
    let en = "By the published seed this item is not drawn.";
    error(codes::SHOULD_NOT_BE_DRAWN, format!("/end/held/drawn/{index}/item"), zh, en)
}

pub(crate) fn order_differs() -> Finding {
    let zh = "抽中对象的排列次序与重新计算的结果不一致。";
    let en = "What was drawn is not listed in the order of the sampler.";
    error(codes::ORDER_DIFFERS, "/end/held/drawn", zh, en)
}

pub(crate) fn stratum_differs(index: usize) -> Finding {
    let zh = "该对象的分层与冻结的名单不一致。";
    let en = "The stratum of this item is not that of the frozen pool.";
    error(codes::STRATUM_DIFFERS, format!("/end/held/drawn/{index}/stratum"), zh, en)
}

pub(crate) fn checkers_differ(index: usize) -> Finding {
    let zh = "按公布的种子，检查人员应当是其他人或者其他次序。";
    let en = "By the published seed this item has other checkers, or in another order.";
    error(codes::CHECKERS_DIFFER, format!("/end/held/drawn/{index}/checkers"), zh, en)
}

pub(crate) fn void_differs(at: &str) -> Finding {
    let zh = "记录的作废原因或者责任方与记录的内容不符。";
    let en = "What is told of why the draw is void does not follow from the record.";
    error(codes::VOID_DIFFERS, at, zh, en)
}
