//! Bounds of the package language: the same on every server, and not to be configured.

/// A bound that no configuration changes.
#[derive(Clone, Copy, Debug)]
pub struct Fixed {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: u64,
    /// What it means, in Chinese.
    pub zh: &'static str,
    /// What it means, in English.
    pub en: &'static str,
}

macro_rules! fixed {
    ($($name:ident: $type:ty = $value:expr; $zh:literal, $en:literal;)*) => {
        $(
            #[doc = $en]
            pub const $name: $type = $value;
        )*

        /// All of them.
        pub static FIXED: &[Fixed] =
            &[$(Fixed { name: stringify!($name), value: $name as u64, zh: $zh, en: $en }),*];
    };
}

fixed! {
    GUARD_LENGTH_MAX: usize = 1_000; "条件表达式的字符数。", "Characters of a guard.";
    LIST_LENGTH_MAX: usize = 1_000; "条件表达式所查看列表的项数。", "Items of a list that a guard may walk.";
    STEPS_MAX: usize = 200; "一个流程包的环节数。", "Steps of a package.";
    BRANCHES_MAX: u64 = 100; "一个环节的分支数。", "Branches of a step: elements of its list.";
    BRANCH_KEY_MAX: u64 = 40; "分支键的字符数。", "Characters of a branch's key.";
    RETRIES_MAX: u32 = 100; "一个环节的重试次数。", "Retries of a step.";
    LOOP_MAX: u32 = 20; "一个办件中同一环节可退回重办的次数。", "How often an outcome may reopen steps in one case.";
    MONTHS_MAX: u32 = 120; "以月计的期限。", "Months of a period.";
    FINDINGS_MAX: usize = 200; "一份表单一次列出的问题数。", "Findings of one form; the last one says that there are more.";
    TEMPLATE_BYTES_MAX: usize = 64 * 1024; "文书模板的字节数。", "Bytes of one template or partial of a letter.";
    LETTERS_MAX: usize = 64; "一个流程包的文书和片段数。", "Letters and partials of one package, each counted once.";
    LETTER_NESTING_MAX: usize = 16; "文书中块的嵌套层数，片段计算在内。", "Blocks inside blocks of a letter, partials included.";
    LETTER_PARTS_MAX: usize = 4_096; "代入片段后文书的组成部分数。", "Parts that a letter has once its partials are put in.";
    LETTER_BYTES_MAX: usize = 1024 * 1024; "一份成文的字节数。", "Bytes of one rendering of a letter, HTML or text.";
}
