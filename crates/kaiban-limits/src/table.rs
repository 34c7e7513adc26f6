//! The table.

use std::time::Duration;

use crate::limit::{Limit, Quantity, Unit};

const S: u64 = 1_000;
const MIN: u64 = 60 * S;
const HOUR: u64 = 60 * MIN;
const DAY: u64 = 24 * HOUR;
const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// Largest request that a server takes unless it is set up otherwise, bytes.
pub const REQUEST_MAX_BYTES: u64 = MIB;

/// Largest answer that a server gives unless it is set up otherwise, and that clients should take, bytes.
pub const RESPONSE_MAX_BYTES: u64 = 4 * MIB;

macro_rules! limits {
    ($($zh_topic:literal $en_topic:literal {
        $($name:ident: $type:ty, $unit:ident = $default:expr, $range:expr; $zh:literal, $en:literal;)*
    })*) => {
        /// Bounds that callers, cases and the server itself are held to.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Limits {
            $($(
                #[doc = $en]
                pub $name: $type,
            )*)*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($($name: <$type as Quantity>::of($default),)*)* }
            }
        }

        /// Every bound, in the order in which people read them.
        pub fn table() -> &'static [Limit] {
            static TABLE: &[Limit] = &[$($(
                Limit {
                    name: stringify!($name),
                    topic: ($zh_topic, $en_topic),
                    unit: Unit::$unit,
                    default: $default,
                    min: *$range.start(),
                    max: *$range.end(),
                    zh: $zh,
                    en: $en,
                    get: |limits| limits.$name.value(),
                    set: |limits, value| limits.$name = Quantity::of(value),
                },
            )*)*];
            TABLE
        }
    };
}

limits! {
    "连接与消息" "Connections and messages" {
        connections_max: usize, Count = 4_096, 8..=1_000_000;
            "同时打开的连接数，超出的在系统队列中等待。",
            "Open connections; more wait in the kernel's queue.";
        quiet_max: Duration, Time = 75 * S, S..=HOUR;
            "连接可以完全静默多久，须长于探测间隔和应答时间之和。",
            "How long a connection may say nothing at all; longer than a ping and the time to answer it.";
        keepalive: Duration, Time = 30 * S, S..=30 * MIN;
            "多久探测一次静默的连接。",
            "How often a quiet client is asked whether it still lives.";
        keepalive_answer_max: Duration, Time = 20 * S, S..=10 * MIN;
            "客户端应在多久之内应答探测。",
            "How long a client may take to answer that.";
        handshake_max: Duration, Time = 10 * S, S..=MIN;
            "TLS 握手的最长时间。",
            "How long a TLS handshake may take.";
        streams_per_connection_max: u32, Count = 1_024, 1..=65_536;
            "一个连接上同时进行的调用和数据流数。",
            "Calls and streams open at a time on one connection.";
        request_max_bytes: usize, Bytes = REQUEST_MAX_BYTES, MIB..=16 * MIB;
            "单条请求消息的大小。",
            "Largest request message.";
        response_max_bytes: usize, Bytes = RESPONSE_MAX_BYTES, MIB..=64 * MIB;
            "单条应答消息的大小；许多客户端默认最多接收 4 MiB。",
            "Largest answer message; many clients take no more than 4 MiB unless told otherwise.";
        stream_ahead_max_bytes: u32, Bytes = 64 * KIB, 16 * KIB..=16 * MIB;
            "一个调用或数据流可提前发送的字节数。",
            "Bytes that one call or stream may send ahead of being read.";
        // Half of it is also what the transport allows for the framing of small messages that wait to be read, so it is
        // many times that of a stream: a slow moment here must not end the connection of an agency that sends heartbeats
        // through several streams.
        connection_ahead_max_bytes: u32, Bytes = 16 * MIB, MIB..=256 * MIB;
            "一个连接上所有数据流合计可提前发送的字节数，应为单个数据流的许多倍。",
            "Bytes that all of a connection may send ahead; many times that of one stream.";
        stream_in_flight_max: usize, Count = 256, 1..=65_536;
            "一个数据流上同时处理的消息数，其余在发送方等待。",
            "Messages of one stream that are being dealt with at a time; further ones wait with the sender.";
        stream_queue_max: usize, Count = 64, 1..=65_536;
            "为接收较慢的数据流保留的消息数。",
            "Messages of one stream that wait for a slow reader.";
        slow_reader_max: Duration, Time = 30 * S, S..=10 * MIN;
            "应答或数据流等待对方接收一段内容的最长时间。",
            "How long an answer or a stream waits for its reader to take the next piece.";
    }
    "用时" "Time that things may take" {
        call_max: Duration, Time = 30 * S, S..=10 * MIN;
            "一次调用的最长时间，领取任务的等待不计。",
            "Longest a call may take, the wait of a claim not counted.";
        wait_max: Duration, Time = MIN, MIN..=HOUR;
            "领取任务的最长等待。",
            "Longest wait of a claim.";
        upload_max: Duration, Time = 15 * MIN, MIN..=DAY;
            "一次上传的最长时间。",
            "Longest an upload may take.";
        upload_idle_max: Duration, Time = 30 * S, S..=10 * MIN;
            "上传可以停顿多久。",
            "How long an upload may say nothing.";
        open_max: Duration, Time = 30 * S, S..=10 * MIN;
            "数据流等待首条消息的最长时间。",
            "How long a stream may wait for its first message.";
        slow_call: Duration, Time = S, 1..=HOUR;
            "超过此时间的调用记入日志（警告）；领取任务、上传和数据流除外。",
            "A call that takes longer goes into the log as a warning; claims that wait, uploads and streams do not.";
        drain_max: Duration, Time = 20 * S, S..=10 * MIN;
            "停止服务时等待未完成调用的最长时间。",
            "How long stopping waits for calls to end.";
        poll: Duration, Time = 2 * S, 10..=MIN;
            "有空位的数据流多久查找一次租约到期或由其他节点放出的任务。",
            "How often a stream with room looks for tasks whose lease ran out or that another node opened.";
    }
    "文本长度" "Lengths of texts" {
        request_id_max: usize, Characters = 128, 128..=512;
            "request_id 的长度，可打印 ASCII 字符。",
            "Length of a request_id, printable ASCII.";
        token_max: usize, Characters = 256, 64..=4_096;
            "令牌的长度。",
            "Length of a bearer token.";
        name_max: usize, Characters = 64, 64..=256;
            "名称（流程、环节、办理单位、办理结果、机构、网点、代码）的长度。",
            "Length of a name: workflow, step, office, outcome, organisation, outlet, code.";
        word_max: usize, Characters = 64, 64..=256;
            "工作人员编号和办理单位自定代码的长度。",
            "Length of an officer's staff number or of an office's own code word.";
        id_max: usize, Characters = 160, 160..=512;
            "办件编号、任务编号、补正编号的长度。",
            "Length of a case number, a task id or a correction id.";
        page_token_max: usize, Characters = 1_024, 256..=4_096;
            "分页标记的长度。",
            "Length of a page token.";
        label_max: usize, Characters = 100, 100..=500;
            "令牌名称的长度。",
            "Length of a token's label.";
        case_reason_max: usize, Characters = 500, 500..=10_000;
            "撤回、取消办件等理由的长度。",
            "Length of the reason for withdrawing or cancelling a case, and of what a register or a publication rests on.";
        reason_max: usize, Characters = 2_000, 2_000..=20_000;
            "办理结果、环节和超时的理由的长度。",
            "Length of the reason for an outcome, of what is said of a step, and of why it was late.";
        sentence_max: usize, Characters = 500, 500..=5_000;
            "补正中一句说明的长度。",
            "Length of one sentence of a finding.";
        pointer_max: usize, Characters = 512, 256..=4_096;
            "JSON 指针的长度。",
            "Length of a JSON pointer.";
        register_key_max: usize, Characters = 500, 500..=2_000;
            "名录条目的长度。",
            "Length of the key of a register's entry.";
        mapping_max: usize, Characters = 65_536, 65_536..=1_000_000;
            "流程包两个版本之间映射的长度。",
            "Length of a mapping between two versions of a package.";
        signature_max: usize, Characters = 512, 128..=4_096;
            "签名的长度。",
            "Length of a signature.";
    }
    "表单与列表" "Forms and lists" {
        document_bytes_max: usize, Bytes = MIB, MIB..=16 * MIB;
            "表单或办理结果（JSON）的大小。",
            "Bytes of a form or result as JSON.";
        // Shares wrap a form in two more levels, and decoders of the contract's messages stop at 33.
        depth_max: usize, Count = 30, 8..=30;
            "表单或办理结果的嵌套层数。",
            "Nesting of a form or a result.";
        findings_max: usize, Count = 100, 100..=1_000;
            "一次补正列出的问题数。",
            "Findings in one correction.";
        page_max: u32, Count = 500, 500..=5_000;
            "一页的条数。",
            "Entries on a page.";
        page_default: u32, Count = 50, 1..=5_000;
            "调用方未指定时一页的条数。",
            "Entries on a page when the caller does not say.";
        journal_page_max: u32, Count = 200, 200..=1_000;
            "一页办件日志的条数。",
            "Journal entries on a page.";
        access_window_max: Duration, Time = 31 * DAY, 31 * DAY..=366 * DAY;
            "按令牌查询调阅记录时的最长时段。",
            "Longest window of what was shown with one token.";
        migrated_max: usize, Count = 1_000, 1_000..=10_000;
            "一次迁移所列的办件数。",
            "Cases that a migration names.";
        list_max: usize, Count = 50, 50..=1_000;
            "一次领取或数据流所列环节数、令牌所列办理单位数。",
            "Steps named by a claim or a stream, offices of a token, and other lists of names.";
    }
    "任务与租约" "Tasks and leases" {
        claim_max: u32, Count = 100, 100..=1_000;
            "一次领取的任务数，也是一次批量调用的项数。",
            "Tasks of one claim, and items of one batch.";
        window_max: u32, Count = 1_000, 1_000..=10_000;
            "一个数据流同时在办的任务数。",
            "Tasks in the hands of one stream.";
        lease_min: Duration, Time = 10 * S, S..=10 * S;
            "最短租约。",
            "Shortest lease.";
        lease_max: Duration, Time = 14 * DAY, 14 * DAY..=60 * DAY;
            "最长租约，容得下10个工作日。",
            "Longest lease: 10 working days fit.";
        lease_default: Duration, Time = 5 * MIN, S..=60 * DAY;
            "调用方未指定时的租约。",
            "Lease when the caller does not say.";
        deferral_max: Duration, Time = 60 * DAY, 60 * DAY..=365 * DAY;
            "最长延后（业务时间）。",
            "Longest deferral, in business time.";
        pause_max: Duration, Time = 730 * DAY, 60 * DAY..=3_650 * DAY;
            "暂停最远可以预定到何时（业务时间）。",
            "How far ahead the end of a pause may be said to lie, in business time.";
        backoff_first: Duration, Time = 10 * S, S..=HOUR;
            "首次失败后的重试间隔，之后逐次加倍。",
            "Back-off after the first failed attempt; doubles with each further one.";
        backoff_max: Duration, Time = HOUR, S..=DAY;
            "最长重试间隔。",
            "Longest back-off.";
        reason_reminders_max: u32, Count = 20, 1..=100;
            "催报超时理由的次数，每个工作日一次。",
            "Reminders of a reason that an office owes, one each working day.";
    }
    "令牌" "Tokens" {
        token_life_max: Duration, Time = 400 * DAY, DAY..=3_650 * DAY;
            "令牌的最长有效期。",
            "Longest life of a token.";
        token_life_default: Duration, Time = 90 * DAY, HOUR..=3_650 * DAY;
            "未指定时令牌的有效期。",
            "Life of a token when the caller does not say.";
        token_cache: Duration, Time = 5 * S, 0..=5 * MIN;
            "已核对的令牌在多久之内不再查库；在其他节点或直接在数据库中撤销的令牌最迟在此之后失效。",
            "How long an authenticated token is trusted before it is looked up again; what was revoked elsewhere ends so late at most.";
        credential_life: Duration, Time = 30 * MIN, MIN..=30 * MIN;
            "申请人凭证的有效期。",
            "Life of an applicant's credential.";
        access_records_kept: Duration, Time = 1_098 * DAY, 1_098 * DAY..=36_500 * DAY;
            "查阅记录的保存期限，至少三年。",
            "How long access records are kept: three years at least.";
    }
    "写入" "Writing" {
        calls_max: usize, Count = 16_384, 1..=1_000_000;
            "所有连接上同时进行的调用和数据流数，超出的被拒绝。",
            "Calls and streams open at a time on all connections; one more is refused.";
        messages_max_bytes: usize, Bytes = 16 * MIB, 4 * MIB..=64 * 1_024 * MIB;
            "所有调用同时在内存中的消息大小，超出的被拒绝；达到一半时拒绝新办件。",
            "Messages in memory at a time, of all calls; one more is refused. Half of it refuses new cases.";
        answers_max_bytes: usize, Bytes = 32 * MIB, 4 * MIB..=64 * 1_024 * MIB;
            "所有等待接收的大型应答（超过 80 KiB）合计的大小，超出的被拒绝。",
            "Large answers, of more than 80 KiB, that wait to be read, all together; one more is refused.";
        queue_max: usize, Count = 4_096, 16..=1_000_000;
            "等待每个写入线程的在办命令数，超出的被拒绝；达到一半时拒绝新办件。",
            "Jobs on cases under way that wait for a writer; one more is refused. Half of it refuses new cases.";
        queue_new_max: usize, Count = 1_024, 1..=1_000_000;
            "等待每个写入线程的新办件数，超出的被拒绝。",
            "New cases that wait for a writer; one more is refused.";
        queue_max_bytes: usize, Bytes = 64 * MIB, MIB..=64 * 1_024 * MIB;
            "上述两种等待中的材料各可占用的内存。",
            "Memory that each of these may take by the documents that wait in it.";
        effects_max: usize, Count = 16_384, 16..=1_000_000;
            "本节点正在办理的对外事项数，其余留在库中待取。",
            "Effects in this node's hands; what is more is found in the store when some are carried out.";
        batch_max: usize, Count = 512, 1..=10_000;
            "一个事务中的命令数。",
            "Jobs in one transaction.";
        documents_cache_bytes: u64, Bytes = 16 * MIB, MIB..=64 * 1_024 * MIB;
            "内存中保留的表单和结果的大小（约数）。",
            "Forms and results kept in memory, about.";
        cases_memory_bytes: u64, Bytes = 32 * MIB, MIB..=64 * 1_024 * MIB;
            "内存中保留的在办办件的大小（约数）。",
            "Cases under way kept in memory, about.";
        watch_lag_max: usize, Count = 4_096, 16..=1_000_000;
            "关注办件的一方最多可落后的变更数。",
            "Changes that a watcher may lag behind.";
        recompute_page: u64, Count = 128, 1..=10_000;
            "工作日历公布后，一次读取的办件数，也是记录进度的间隔。",
            "After a publication of calendars: cases that are read at a time, and after which it is kept how far it is.";
        recompute_portion: usize, Count = 48, 1..=10_000;
            "一个事务中重算的办件数上限。",
            "Cases recomputed in one transaction, at most.";
        recompute_beside: usize, Count = 3, 0..=100;
            "事务中每有一个调用，连带重算的办件数（另加一个）。",
            "Cases recomputed for each call in a transaction of calls, and one more: what they wait for the longer.";
        recompute_alone: usize, Count = 16, 1..=10_000;
            "没有调用时一个事务中重算的办件数，其间到来的调用须等待。",
            "Cases recomputed in a transaction without calls: what a call waits for that comes after a pause.";
    }
    "对外事项" "What is done outside" {
        outbox_poll: Duration, Time = S, 10..=MIN;
            "多久查找一次其他节点遗留或需重试的对外事项。",
            "How often the outbox is looked at for effects that another node left, or that are tried again.";
        effects_at_once: usize, Count = 64, 1..=1_024;
            "同时处理的对外事项数。",
            "Effects carried out at a time.";
        effect_attempts_max: u32, Count = 12, 1..=100;
            "对外事项尝试几次后转为待处理事件。",
            "Attempts before an effect is given up and needs a person.";
        effect_pause_first: Duration, Time = S, S..=HOUR;
            "对外事项首次失败后的间隔，之后逐次加倍。",
            "Pause after an effect's first failed attempt; doubles with each further one.";
        effect_pause_max: Duration, Time = HOUR, S..=DAY;
            "对外事项两次尝试之间的最长间隔。",
            "Longest pause between two attempts of an effect.";
        webhook_attempt_max: Duration, Time = 30 * S, S..=5 * MIN;
            "一次 Webhook 投递的最长时间。",
            "How long one attempt of the web hook may take.";
    }
    "材料" "Files" {
        file_bytes_max: u64, Bytes = 20 * MIB, 20 * MIB..=1_024 * MIB;
            "单个文件的大小。",
            "Bytes of one file.";
        file_name_max: usize, Characters = 200, 200..=255;
            "文件名的长度。",
            "Length of a file's name.";
        case_files_max: usize, Count = 100, 100..=10_000;
            "一个办件引用的文件数。",
            "Files that one case refers to.";
        uploads_max: usize, Count = 64, 1..=10_000;
            "同时进行的上传数。",
            "Files that are being uploaded at a time.";
        scan_max: Duration, Time = MIN, S..=10 * MIN;
            "病毒扫描一个文件的最长时间。",
            "How long a file may take to be scanned.";
    }
    "抽取" "Draws" {
        draw_items_max: u64, Count = 10_000, 100..=10_000;
            "一次抽取的对象数，须容得下一次应答；其余留待下次。",
            "Items of one draw: as many as a record in one answer has room for; the others wait for the next.";
        draw_every: Duration, Time = 7 * DAY, DAY..=90 * DAY;
            "待抽取的对象最长等待多久须抽取一次。",
            "What has waited so long to be drawn from is due: a pool is drawn from at least so often.";
        draw_life_max: Duration, Time = 90 * DAY, DAY..=365 * DAY;
            "从公告抽取到最后期限的最长时间。",
            "From the announcement of a draw to its last deadline.";
    }
    "摘要与归档" "Heads and archive" {
        head_every: Duration, Time = HOUR, MIN..=DAY;
            "办件持续到来时，全部日志摘要的时间窗口（业务时间）。",
            "How long the window of a head over all journals is, business time, where entries come without a pause.";
        head_margin: Duration, Time = MIN, S..=HOUR;
            "计算摘要时窗口滞后多久，须超过时钟可能回拨的幅度。",
            "How long a window lies back when its head is taken: more than clocks are ever set back by.";
        head_poll: Duration, Time = MIN, 10..=HOUR;
            "多久检查一次是否应计算摘要。",
            "How often it is looked whether a head is due.";
        head_entries_max: u64, Count = 100_000, 1_000..=10_000_000;
            "一个摘要包含的日志条数（同一时刻的除外）。",
            "Entries of one head, where they are not all of one instant.";
        archive_portion: u64, Count = 200, 1..=10_000;
            "一次移入一个归档文件（或查找待删除资料）的办件数。",
            "Cases that are moved to one file of the archive, or looked through for what is erased, at a time.";
    }
}
