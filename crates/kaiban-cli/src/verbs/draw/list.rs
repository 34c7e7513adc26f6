//! `kaiban draw list`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::{Output, say, table};
use crate::remote::Remote;
use crate::{json, show};

/// Most draws on one page.
const PAGE_MAX: usize = 500;

#[derive(clap::Args)]
pub struct Args {
    /// Only of this pool.
    #[arg(long, default_value = "", hide_default_value = true)]
    pool: String,
    /// Only as far as this.
    #[arg(long, value_enum)]
    state: Option<State>,
    /// How many at most.
    #[arg(long, default_value_t = 100, value_name = "N")]
    limit: usize,
    #[command(flatten)]
    remote: Remote,
}

/// How far a draw is.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum State {
    /// Commitments are missing.
    Announced,
    /// All have committed.
    Committed,
    /// The pool is fixed.
    Frozen,
    /// All numbers are there.
    Revealed,
    /// There is a result.
    Held,
    /// There will be none.
    Void,
}

impl From<State> for v1::DrawState {
    fn from(state: State) -> Self {
        match state {
            State::Announced => Self::Announced,
            State::Committed => Self::Committed,
            State::Frozen => Self::Frozen,
            State::Revealed => Self::Revealed,
            State::Held => Self::Held,
            State::Void => Self::Void,
        }
    }
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let client = args.remote.client().await?;
    let mut request = v1::ListDrawsRequest {
        pool: args.pool,
        state: args.state.map_or(v1::DrawState::Unspecified, Into::into).into(),
        page_size: i32::try_from(args.limit.clamp(1, PAGE_MAX)).unwrap_or_default(),
        ..Default::default()
    };
    let (mut rows, mut left) = (Vec::new(), args.limit);
    while left > 0 {
        let page = client.call(request.clone()).await?;
        for draw in page.draws.iter().take(left) {
            if output.is_json() {
                output.line(&json::of("Draw", draw)?.to_string())?;
            } else {
                rows.push(show::draw_row(draw));
            }
        }
        left = left.saturating_sub(page.draws.len());
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    if !output.is_json() {
        output.line(&table(show::DRAW_HEADER, rows))?;
    }
    if !request.page_token.is_empty() {
        say("hint: there are more; raise --limit");
    }
    Ok(())
}
